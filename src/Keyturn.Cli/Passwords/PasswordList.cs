using System.Text;
using System.Text.Json;
using Keyturn.Cli.Commands;
using Keyturn.Cli.Output;
using Keyturn.Passwords;

namespace Keyturn.Cli.Passwords;

/// <summary>An account and its present password, from a list.</summary>
internal sealed record ListedPassword(int Line, string User, string? Host, string? AuthDatabase, Secret Password);

/// <summary>
/// Reads a list of accounts and their passwords: CSV (<c>name,password</c>, quoted where they hold commas or quotes), or a JSON object a line. All of it is
/// read before any is used. What is wrong is told by line, never with the text that stands there.
/// </summary>
internal static class PasswordList
{
    private const int MaxBytes = 16 * 1024 * 1024;

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public static async Task<IReadOnlyList<ListedPassword>> ReadAsync(string path, Terminal terminal, CancellationToken cancel)
    {
        RefuseShared(path);
        var bytes = path == "-" ? await InputFile.ReadBytesAsync(terminal.In, MaxBytes, cancel) : await InputFile.ReadBytesAsync(path, MaxBytes, cancel);
        if (bytes.Length == MaxBytes)
        {
            throw CommandFailure.Usage($"the list has {MaxBytes} bytes or more: divide it.");
        }

        try
        {
            return Parse(Strict.GetString(bytes).TrimStart('\uFEFF'));
        }
        catch (DecoderFallbackException e)
        {
            throw CommandFailure.Usage("the list is not UTF-8.", e);
        }
    }

    public static IReadOnlyList<ListedPassword> Parse(string text)
    {
        var listed = text.TrimStart().StartsWith('{') ? ParseJson(text) : ParseCsv(text);
        var places = new Dictionary<(string, string?, string?), int>();
        foreach (var account in listed)
        {
            if (!places.TryAdd((account.User, account.Host?.ToLowerInvariant(), account.AuthDatabase is "admin" ? null : account.AuthDatabase), account.Line))
            {
                throw At(account.Line, "the account is there twice, and only one of its passwords can be right.");
            }
        }

        return listed.Count > 0 ? listed : throw CommandFailure.Usage("there is no account in the list.");
    }

    /// <summary>Passwords that others on this machine can read are no secret.</summary>
    private static void RefuseShared(string path)
    {
        const UnixFileMode others = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;
        if (path != "-" && !OperatingSystem.IsWindows() && File.Exists(path) && (File.GetUnixFileMode(path) & others) != 0)
        {
            throw CommandFailure.Usage($"others may read or write {path}, and there are passwords in it: chmod 600 {path}.");
        }
    }

    private static List<ListedPassword> ParseJson(string text)
    {
        var listed = new List<ListedPassword>();
        var number = 0;
        foreach (var line in text.Split('\n'))
        {
            number++;
            if (!string.IsNullOrWhiteSpace(line))
            {
                listed.Add(ParseJson(number, line));
            }
        }

        return listed;
    }

    private static ListedPassword ParseJson(int number, string line)
    {
        try
        {
            using var document = JsonDocument.Parse(line, new JsonDocumentOptions { AllowDuplicateProperties = false });
            var body = document.RootElement;
            var strange = body.EnumerateObject().Where(member => member.Name is not ("user" or "host" or "auth_database" or "password") || member.Value.ValueKind is not (JsonValueKind.String or JsonValueKind.Null))
                .Select(member => member.Name).FirstOrDefault();
            return strange is null
                ? Account(number, body.Text("user"), TextOf(body, "host"), TextOf(body, "auth_database"), body.Text("password"))
                : throw At(number, $"the object has texts called user, host, auth_database and password, and nothing else (here is {Printable.Of(strange)}).");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // Its message may quote the line.
            throw At(number, "this is no JSON object on one line.");
        }
    }

    private static string? TextOf(JsonElement body, string member) => body.Text(member) is { Length: > 0 } text ? text : null;

    private static List<ListedPassword> ParseCsv(string text)
    {
        var listed = new List<ListedPassword>();
        var reader = new CsvReader(text);
        while (reader.ReadRecord() is { } fields)
        {
            if (fields is [""] || (listed.Count == 0 && reader.Line == 1 && fields is ["name", "password"]))
            {
                continue;
            }

            var (user, host) = fields is [var name, _] ? AccountArguments.Split(name) : throw At(reader.Line, "a line is a name and a password with a comma between them; quote what has a comma or a quote in it.");
            listed.Add(Account(reader.Line, user, host, authDatabase: null, fields[1]));
        }

        return listed;
    }

    private static ListedPassword Account(int line, string user, string? host, string? authDatabase, string password) => (user, password) switch
    {
        ("", _) => throw At(line, "the account has no name."),
        (_, "") => throw At(line, "the account has no password."),
        _ => new ListedPassword(line, user, host, authDatabase, new Secret(password)),
    };

    internal static CommandFailure At(int line, string what) => CommandFailure.Usage($"line {line} of the list: {what}");
}
