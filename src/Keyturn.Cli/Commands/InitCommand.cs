using System.CommandLine;
using Keyturn.Access;
using Keyturn.Cli.Passwords;
using Keyturn.Passwords;
using Keyturn.Server.Access;
using Keyturn.Storage;
using Keyturn.Storage.Sealing;

namespace Keyturn.Cli.Commands;

/// <summary><c>keyturn init</c></summary>
internal sealed class InitCommand(Terminal terminal)
{
    private readonly Option<string?> _store = StoreOptions.Store();
    private readonly Option<string?> _masterKey = StoreOptions.MasterKey();
    private readonly Option<bool> _allowAsynchronous = StoreOptions.AllowAsynchronous();
    private readonly Option<string> _principal = new("--principal") { Description = "Name of who may call the server first", DefaultValueFactory = _ => "admin" };
    private readonly Option<string?> _email = new("--email") { Description = "Its e-mail address, which clients of Upstash sign in with" };
    private readonly Option<string> _project = new("--project") { Description = "Name of the project; clients of Huawei's clouds call it account or domain", DefaultValueFactory = _ => "default" };
    private readonly Option<string> _region = new("--region") { Description = "The region that clients of Huawei's clouds name", DefaultValueFactory = _ => "default" };

    private readonly Option<string?> _tokenFile = new("--token-file")
    {
        Description = "Write the token to a new file that only you can read [else it is shown]",
        HelpName = "FILE",
    };

    public static Command Create(Terminal terminal)
    {
        var init = new InitCommand(terminal);
        var command = new Command("init", "Make a store, its master key, and the first principal with its token")
        {
            init._store, init._masterKey, init._allowAsynchronous, init._principal, init._email, init._project, init._region, init._tokenFile,
        };
        command.SetAction(async (parse, cancel) => (int)await init.RunAsync(parse, cancel));
        return command;
    }

    private async Task<ExitCode> RunAsync(ParseResult parse, CancellationToken cancel)
    {
        var (project, principal) = First(parse);
        var store = StoreOptions.Where(parse, _store);
        var masterKeyFile = parse.GetValue(_masterKey);
        using var tokenFile = parse.GetValue(_tokenFile) is { } path ? OwnerOnlyFile.Create(path, overwrite: false) : null;
        var token = ApiToken.Generate();
        try
        {
            await new NewStore(store, masterKeyFile, parse.GetValue(_allowAsynchronous)).MakeAsync(project, principal, token, cancel);
        }
        catch (StoreException e)
        {
            throw new CommandFailure(ExitCode.Refused, e.Message, e);
        }

        HandOut(token, tokenFile);
        SayWhatToKeep(store, masterKeyFile);
        return ExitCode.Done;
    }

    private (Project Project, Principal Principal) First(ParseResult parse)
    {
        var now = TimeProvider.System.GetUtcNow();
        var project = new Project(Guid.CreateVersion7(now), parse.GetRequiredValue(_project), parse.GetRequiredValue(_region), now);
        var principal = new Principal(Guid.CreateVersion7(now), project.Id, parse.GetRequiredValue(_principal), now) { Email = parse.GetValue(_email), IsOwner = true };
        return AccessRules.Broken(project).Concat(AccessRules.Broken(principal)).FirstOrDefault() is { } broken
            ? throw CommandFailure.Usage(broken.Sentence)
            : (project, principal);
    }

    private void HandOut(Secret token, OwnerOnlyFile? file)
    {
        if (file is not null)
        {
            file.Keep(token);
            return;
        }

        terminal.Error.WriteLine("The token of the first principal. It is shown this once, the store has only its hash:");
        terminal.Out.WriteLine(token.Reveal());
    }

    private void SayWhatToKeep(string store, string? masterKeyFile) => terminal.Error.WriteLine(
        $"""
        Back up, apart from each other:
          the store       {(Store.IsPostgreSql(store) ? "the database" : $"{store} (with {store}-wal while a server runs)")}
          the master key  {masterKeyFile ?? $"the one in {MasterKey.EnvironmentVariable}"}
        Who has both can read every password. Without the master key nobody can, you neither.
        """);
}
