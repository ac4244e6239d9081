using System.CommandLine;
using System.Text.Json;
using Keyturn.Cli.Output;
using Keyturn.Passwords;

namespace Keyturn.Cli.Passwords;

/// <summary>The two places a password may go: the screen, and a file that only its owner reads. Unless one is named, it is not even asked for.</summary>
/// <param name="what">What is handed out.</param>
/// <param name="member">The member of the answer that holds it.</param>
internal sealed class PasswordOutput(string what = "password", string member = "password")
{
    private readonly Option<bool> _show = new("--show") { Description = $"Show the {what}" };
    private readonly Option<string?> _writeTo = new("--write-to") { Description = $"Write the {what} to a new file that only you can read", HelpName = "FILE" };
    private readonly Option<bool> _force = new("--force") { Description = "Let --write-to replace a file" };

    public void AddTo(Command command)
    {
        command.Options.Add(_show);
        command.Options.Add(_writeTo);
        command.Options.Add(_force);
    }

    public bool IsShown(ParseResult parse) => parse.GetValue(_show);

    public bool IsWanted(ParseResult parse) => IsShown(parse) || parse.GetValue(_writeTo) is not null;

    /// <summary>The file for the password, if one was asked for.</summary>
    public OwnerOnlyFile? CreateFile(ParseResult parse) =>
        parse.GetValue(_writeTo) is { } path ? OwnerOnlyFile.Create(path, parse.GetValue(_force)) : null;

    /// <summary>Keeps the answer's password in the file.</summary>
    public void Keep(OwnerOnlyFile? file, JsonElement body)
    {
        if (body.Member(member) is { } password)
        {
            file?.Keep(new Secret(password.GetString()!));
        }
    }

    /// <summary>Shows the answer's password on a line of its own, unfolded and as it is, if that was asked for.</summary>
    public void Show(ParseResult parse, Terminal terminal, JsonElement body)
    {
        if (IsShown(parse) && body.Member(member) is { } password)
        {
            terminal.Out.WriteLine(password.GetString());
        }
    }
}
