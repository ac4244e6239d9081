using System.CommandLine;
using Keyturn.Access;
using Keyturn.Cli.Passwords;
using Keyturn.Server.Access;

namespace Keyturn.Cli.Commands;

/// <summary>The options of commands that make a project: its region, its first owner, and where that one's token goes.</summary>
internal sealed class FirstOwnerOptions
{
    private readonly Option<string> _principal = new("--principal") { Description = "Name of who may call the server first", DefaultValueFactory = _ => "admin" };
    private readonly Option<string?> _email = new("--email") { Description = "Its e-mail address, which clients of Upstash sign in with" };
    private readonly Option<string> _region = new("--region") { Description = "The region that clients of Huawei's clouds name", DefaultValueFactory = _ => "default" };

    private readonly Option<string?> _tokenFile = new("--token-file")
    {
        Description = "Write the token to a new file that only you can read [else it is shown]",
        HelpName = "FILE",
    };

    public void AddTo(Command command)
    {
        command.Add(_principal);
        command.Add(_email);
        command.Add(_region);
        command.Add(_tokenFile);
    }

    /// <summary>Makes the token's file first, so that none is made that cannot be kept.</summary>
    /// <exception cref="CommandFailure">A name or the address is none.</exception>
    public async Task RunAsync(ParseResult parse, Terminal terminal, string project, string maker, Func<FirstOwner, Task> make)
    {
        var first = Read(parse, project, maker);
        using var tokenFile = parse.GetValue(_tokenFile) is { } path ? OwnerOnlyFile.Create(path, overwrite: false) : null;
        await make(first);
        if (tokenFile is not null)
        {
            tokenFile.Keep(first.Token);
            return;
        }

        terminal.Error.WriteLine($"The token of {first.Principal.Name}, who owns the project. It is shown this once, the store has only its hash:");
        terminal.Out.WriteLine(first.Token.Reveal());
    }

    private FirstOwner Read(ParseResult parse, string name, string maker)
    {
        var now = TimeProvider.System.GetUtcNow();
        var project = new Project(Guid.CreateVersion7(now), name, parse.GetRequiredValue(_region), now);
        var principal = new Principal(Guid.CreateVersion7(now), project.Id, parse.GetRequiredValue(_principal), now) { Email = parse.GetValue(_email), IsOwner = true };
        return AccessRules.Broken(project).Concat(AccessRules.Broken(principal)).FirstOrDefault() is { } broken
            ? throw CommandFailure.Usage(broken.Sentence)
            : new FirstOwner(project, principal, ApiToken.Generate(), maker);
    }
}
