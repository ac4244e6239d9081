using System.CommandLine;
using System.Text;
using Keyturn.Passwords;
using Spectre.Console;

namespace Keyturn.Cli.Passwords;

/// <summary>
/// The ways a password comes in: from standard input, from a file, or from a person. Never as an argument, which every user of the
/// machine can read in the list of processes, and which shells write down.
/// </summary>
internal sealed class PasswordInput
{
    private const int Limit = 64 * 1024;

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly Option<bool> _stdin;
    private readonly Option<string?> _file;

    /// <param name="what">Whose password it is, for help.</param>
    public PasswordInput(string what)
    {
        _stdin = new Option<bool>("--password-stdin") { Description = $"Read {what} from standard input, up to its end" };
        _file = new Option<string?>("--password-file") { Description = $"Read {what} from a file", HelpName = "FILE" };
    }

    public void AddTo(Command command)
    {
        command.Options.Add(_stdin);
        command.Options.Add(_file);
        command.Validators.Add(result =>
        {
            if (result.GetValue(_stdin) && result.GetValue(_file) is not null)
            {
                result.AddError("Give --password-stdin or --password-file, not both.");
            }
        });
    }

    /// <summary>Whether one of the ways was named.</summary>
    public bool IsGiven(ParseResult parse) => parse.GetValue(_stdin) || parse.GetValue(_file) is not null;

    /// <summary>The password from standard input or a file; null when neither was named.</summary>
    public async Task<Secret?> ReadAsync(ParseResult parse, Terminal terminal, CancellationToken cancel)
    {
        if (parse.GetValue(_stdin))
        {
            return await ReadAsync(terminal.In, "standard input", cancel);
        }

        return parse.GetValue(_file) is { } path ? await ReadFileAsync(path, cancel) : null;
    }

    /// <summary>As <see cref="ReadAsync(ParseResult, Terminal, CancellationToken)"/>, but asks the person in front of the terminal when neither was named.</summary>
    public async Task<Secret> ReadOrAskAsync(ParseResult parse, Terminal terminal, string question, CancellationToken cancel) =>
        await ReadAsync(parse, terminal, cancel) ?? await AskAsync(terminal, question, cancel);

    /// <summary>Asks twice, so that a slip of the fingers does not become the password.</summary>
    public static async Task<Secret> AskNewAsync(Terminal terminal, string question, CancellationToken cancel)
    {
        var first = await AskAsync(terminal, question, cancel);
        return first.Equals(await AskAsync(terminal, "The same again", cancel)) ? first : throw CommandFailure.Usage("the two passwords differ.");
    }

    /// <summary>The password in a file.</summary>
    /// <exception cref="CommandFailure">There is none.</exception>
    public static async Task<Secret> ReadFileAsync(string path, CancellationToken cancel)
    {
        await using var file = Open(path);
        return await ReadAsync(file, path, cancel);
    }

    /// <summary>Asks the person in front of the terminal.</summary>
    public static async Task<Secret> AskAsync(Terminal terminal, string question, CancellationToken cancel)
    {
        if (!terminal.IsInteractive)
        {
            throw CommandFailure.Usage("there is no terminal to ask for the password on: give --password-stdin or --password-file.");
        }

        var prompt = new TextPrompt<string>($"{Markup.Escape(question)}:").Secret(mask: null).AllowEmpty();
        return NotEmpty(await prompt.ShowAsync(terminal.ErrorConsole(), cancel), "the terminal");
    }

    private static FileStream Open(string path)
    {
        try
        {
            return File.OpenRead(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw CommandFailure.Usage($"the password file {path} cannot be read: {e.Message}", e);
        }
    }

    private static async Task<Secret> ReadAsync(Stream stream, string source, CancellationToken cancel)
    {
        var buffer = new byte[Limit];
        // A read of a terminal does not end when it is told to.
        var length = await stream.ReadAtLeastAsync(buffer, Limit, throwOnEndOfStream: false, cancel).AsTask().WaitAsync(cancel);
        if (length == Limit)
        {
            throw CommandFailure.Usage($"what came from {source} is too long for a password.");
        }

        try
        {
            return NotEmpty(WithoutLineEnd(Strict.GetString(buffer, 0, length)), source);
        }
        catch (DecoderFallbackException e)
        {
            throw CommandFailure.Usage($"what came from {source} is not UTF-8.", e);
        }
    }

    /// <summary>Editors and <c>echo</c> end a file with a line end, which is none of the password.</summary>
    private static string WithoutLineEnd(string text) => text switch
    {
        [.. var password, '\r', '\n'] => password,
        [.. var password, '\n'] => password,
        _ => text,
    };

    private static Secret NotEmpty(string text, string source) =>
        text.Length > 0 ? new Secret(text) : throw CommandFailure.Usage($"no password came from {source}.");
}
