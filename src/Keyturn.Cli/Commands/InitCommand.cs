using System.CommandLine;
using Keyturn.Storage;
using Keyturn.Storage.Sealing;

namespace Keyturn.Cli.Commands;

/// <summary><c>keyturn init</c></summary>
internal sealed class InitCommand(Terminal terminal)
{
    private readonly Option<string?> _store = StoreOptions.Store();
    private readonly Option<string?> _masterKey = StoreOptions.MasterKey();
    private readonly Option<bool> _allowAsynchronous = StoreOptions.AllowAsynchronous();
    private readonly Option<string> _project = new("--project") { Description = "Name of the project; clients of Huawei's clouds call it account or domain", DefaultValueFactory = _ => "default" };
    private readonly FirstOwnerOptions _first = new();

    public static Command Create(Terminal terminal)
    {
        var init = new InitCommand(terminal);
        var command = new Command("init", "Make a store, its master key, and the first principal with its token")
        {
            init._store, init._masterKey, init._allowAsynchronous, init._project,
        };
        init._first.AddTo(command);
        command.SetAction(async (parse, cancel) => (int)await init.RunAsync(parse, cancel));
        return command;
    }

    private async Task<ExitCode> RunAsync(ParseResult parse, CancellationToken cancel)
    {
        var store = StoreOptions.Where(parse, _store);
        var masterKeyFile = parse.GetValue(_masterKey);
        var made = new NewStore(store, masterKeyFile, parse.GetValue(_allowAsynchronous));
        try
        {
            await _first.RunAsync(parse, terminal, parse.GetRequiredValue(_project), "keyturn init", first => made.MakeAsync(first, cancel));
        }
        catch (StoreException e)
        {
            throw new CommandFailure(ExitCode.Refused, e.Message, e);
        }

        SayWhatToKeep(store, masterKeyFile);
        return ExitCode.Done;
    }

    private void SayWhatToKeep(string store, string? masterKeyFile) => terminal.Error.WriteLine(
        $"""
        Back up, apart from each other:
          the store       {(Store.IsPostgreSql(store) ? "the database" : $"{store} (with {store}-wal while a server runs)")}
          the master key  {masterKeyFile ?? $"the one in {MasterKey.EnvironmentVariable}"}
        Who has both can read every password. Without the master key nobody can, you neither.
        """);
}
