using System.CommandLine;
using Keyturn.Cli.Commands;
using Keyturn.Server;

namespace Keyturn.Cli.Api;

/// <summary>How results are written.</summary>
internal enum OutputFormat
{
    /// <summary>For people.</summary>
    Table,

    /// <summary>The API's own JSON.</summary>
    Json,
}

/// <summary>The options that all client commands share, and the session that they make.</summary>
internal sealed class ClientOptions(Terminal terminal)
{
    private const string ServerVariable = "KEYTURN_SERVER";
    private const string TokenVariable = "KEYTURN_TOKEN";
    private const string CaVariable = "KEYTURN_CA";

    private readonly Option<string?> _server = new("--server")
    {
        Description = $"Address of the Keyturn server [${ServerVariable}, else {ServerOptions.DefaultUrl}]",
        HelpName = "URL",
        Recursive = true,
    };

    private readonly Option<string?> _tokenFile = new("--token-file")
    {
        Description = $"File with the API token [else ${TokenVariable}]",
        HelpName = "FILE",
        Recursive = true,
    };

    private readonly Option<string?> _ca = new("--ca")
    {
        Description = $"PEM file of the CA to trust for the server [${CaVariable}, else the system's]",
        HelpName = "FILE",
        Recursive = true,
    };

    private readonly Option<OutputFormat> _output = new("--output", "-o")
    {
        Description = "How to write results",
        HelpName = "table|json",
        Recursive = true,
    };

    private readonly Option<bool> _insecureHttp = new("--insecure-http")
    {
        Description = "Send token and passwords over plain HTTP to another machine",
        Recursive = true,
    };

    /// <summary>Gives a command and all below it these options.</summary>
    public Command AddTo(Command command)
    {
        _output.CompletionSources.Clear();
        _output.CompletionSources.Add("table", "json");
        foreach (var option in new Option[] { _server, _tokenFile, _ca, _output, _insecureHttp })
        {
            command.Options.Add(option);
        }

        return command;
    }

    /// <summary>Lets the command run in a session with the server.</summary>
    public void SetAction(Command command, Func<ParseResult, Session, CancellationToken, Task<ExitCode>> run) =>
        command.SetAction(async (parse, cancel) =>
        {
            var server = ServerOf(parse);
            var token = await TokenOfAsync(parse, cancel);
            using var handler = ServerTrust.HandlerFor(server, parse.GetValue(_ca) ?? Variable(CaVariable));
            using var api = new ApiClient(server, token, handler);
            return (int)await run(parse, new Session(api, terminal, parse.GetValue(_output)), cancel);
        });

    private Uri ServerOf(ParseResult parse)
    {
        var text = parse.GetValue(_server) ?? Variable(ServerVariable) ?? ServerOptions.DefaultUrl;
        if (!Uri.TryCreate(text, UriKind.Absolute, out var server) || server is not { PathAndQuery: "/", UserInfo: "" }
            || (server.Scheme != Uri.UriSchemeHttps && server.Scheme != Uri.UriSchemeHttp))
        {
            throw CommandFailure.Usage($"{text} is no server's address: it is to be https://host:port.");
        }

        return server.Scheme == Uri.UriSchemeHttps || server.IsLoopback || parse.GetValue(_insecureHttp)
            ? server
            : throw CommandFailure.Usage($"{text} would show the token to the network: use https, or allow it with --insecure-http.");
    }

    private async Task<string> TokenOfAsync(ParseResult parse, CancellationToken cancel)
    {
        var token = parse.GetValue(_tokenFile) is { } file ? await InputFile.ReadAsync(file, cancel) : Variable(TokenVariable);
        token = token?.Trim() ?? throw CommandFailure.Usage($"there is no token: name its file with --token-file, or set {TokenVariable}.");
        return token.Length > 0 && token.All(char.IsAscii) && !token.Any(char.IsWhiteSpace) && !token.Any(char.IsControl)
            ? token
            : throw CommandFailure.Usage("what was given as the token is none: a token is one word of ASCII characters.");
    }

    private string? Variable(string name) => terminal.Environment(name) is { Length: > 0 } value ? value : null;
}
