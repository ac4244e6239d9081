using System.CommandLine;
using Keyturn.Server;
using Keyturn.Server.Doors;
using Keyturn.Storage;
using Microsoft.Extensions.Logging;

namespace Keyturn.Cli.Commands;

/// <summary><c>keyturn serve</c></summary>
internal sealed class ServeCommand
{
    private readonly Option<string?> _store = StoreOptions.Store();
    private readonly Option<string?> _masterKey = StoreOptions.MasterKey();
    private readonly Option<bool> _allowAsynchronous = StoreOptions.AllowAsynchronous();

    private readonly Option<string[]> _listen = new("--listen")
    {
        Description = $"Address to listen on, once for each [{ServerOptions.DefaultUrl}]",
        HelpName = "URL",
    };

    private readonly Option<string[]> _dialects = new("--dialect")
    {
        Description = "An address of a dialect's own, once for each: an IP address or localhost to listen on, or the host name of requests that are for it",
        HelpName = "NAME=URL",
    };

    private readonly Option<int?> _digitalOceanLimit = new("--digitalocean-limit")
    {
        Description = "Calls by DigitalOcean's dialect that a principal may make in an hour, a twentieth of them in a minute [5000]",
        HelpName = "COUNT",
    };

    private readonly Option<int?> _keepVersions = new("--keep-versions") { Description = "Old versions of a password to keep, beside the current one [10]", HelpName = "COUNT" };
    private readonly Option<int?> _keepResets = new("--keep-resets") { Description = "Days to keep resets that have ended; the audit log is kept for good [90]", HelpName = "DAYS" };

    private readonly Option<string?> _certificate = new("--cert") { Description = "PEM certificate (chain) for https [else a development certificate]", HelpName = "FILE" };
    private readonly Option<string?> _key = new("--key") { Description = "PEM private key of --cert", HelpName = "FILE" };
    private readonly Option<bool> _insecureHttp = new("--insecure-http") { Description = "Allow plain HTTP on other addresses than loopback" };
    private readonly Option<bool> _allowLinkLocal = new("--allow-link-local") { Description = "Speak also to databases at link-local and cloud metadata addresses" };
    private readonly Option<bool> _allowCoreDumps = new("--allow-core-dumps") { Description = "Let a crash write the server's memory to a file; passwords are in it" };

    private readonly Option<int?> _rateLimit = new("--rate-limit")
    {
        Description = "Requests that a principal may make in a second, four times as many at once [1000]",
        HelpName = "COUNT",
    };

    private readonly Option<int?> _maxConnections = new("--max-connections") { Description = "Connections that may be open at the same time [10000]", HelpName = "COUNT" };
    private readonly Option<LogFormat> _logFormat = new("--log-format") { Description = "How log lines are written", HelpName = "text|json" };
    private readonly Option<LogLevel?> _logLevel = new("--log-level") { Description = "Lowest level that is logged [Information]" };

    public static Command Create(Terminal terminal)
    {
        var serve = new ServeCommand();
        serve._logFormat.CompletionSources.Clear();
        serve._logFormat.CompletionSources.Add("text", "json");
        var command = new Command("serve", "Run the server")
        {
            serve._store, serve._masterKey, serve._allowAsynchronous, serve._listen, serve._dialects, serve._digitalOceanLimit, serve._keepVersions, serve._keepResets, serve._certificate, serve._key, serve._insecureHttp, serve._allowLinkLocal, serve._allowCoreDumps, serve._rateLimit, serve._maxConnections, serve._logFormat, serve._logLevel,
        };
        command.SetAction(async (parse, cancel) => (int)await RunAsync(terminal, serve.OptionsOf(parse), cancel));
        return command;
    }

    private static async Task<ExitCode> RunAsync(Terminal terminal, ServerOptions options, CancellationToken cancel)
    {
        if (options.Problems() is { Count: > 0 } problems)
        {
            throw CommandFailure.Usage(string.Join(Environment.NewLine, problems.Select(problem => problem.Sentence)));
        }

        try
        {
            await using var host = await ServerHost.StartAsync(options, cancel);
            terminal.Error.WriteLine($"keyturn: listening on {string.Join(", ", host.Addresses)}");
            foreach (var door in host.Doors)
            {
                terminal.Error.WriteLine($"  {door}");
            }

            await host.RunUntilStoppedAsync(cancel);
            return ExitCode.Done;
        }
        catch (Exception e) when (e is StoreException or InvalidOperationException or IOException)
        {
            throw new CommandFailure(ExitCode.Refused, e.Message, e);
        }
    }

    private ServerOptions OptionsOf(ParseResult parse)
    {
        var options = new ServerOptions
        {
            Store = StoreOptions.Where(parse, _store),
            AllowAsynchronousStore = parse.GetValue(_allowAsynchronous),
            MasterKeyPath = parse.GetValue(_masterKey),
            CertificatePath = parse.GetValue(_certificate),
            CertificateKeyPath = parse.GetValue(_key),
            Dialects = [.. (parse.GetValue(_dialects) ?? []).Select(text => DoorAddress.TryParse(text) ?? throw CommandFailure.Usage($"{text} is to be NAME=URL."))],
            InsecureHttp = parse.GetValue(_insecureHttp),
            AllowLinkLocal = parse.GetValue(_allowLinkLocal),
            AllowCoreDumps = parse.GetValue(_allowCoreDumps),
            LogFormat = parse.GetValue(_logFormat),
        };
        options = parse.GetValue(_digitalOceanLimit) is { } limit ? options with { DigitalOceanLimit = limit } : options;
        options = parse.GetValue(_rateLimit) is { } rate ? options with { RateLimit = rate } : options;
        options = parse.GetValue(_maxConnections) is { } connections ? options with { MaxConnections = connections } : options;
        options = parse.GetValue(_keepVersions) is { } versions ? options with { KeptVersions = versions } : options;
        options = parse.GetValue(_keepResets) is { } days ? options with { KeptResets = TimeSpan.FromDays(days) } : options;
        options = parse.GetValue(_logLevel) is { } level ? options with { LogLevel = level } : options;
        return parse.GetValue(_listen) is { Length: > 0 } urls ? options with { Urls = urls } : options;
    }
}
