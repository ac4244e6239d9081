using System.CommandLine;
using Keyturn.Access;
using Keyturn.Cli.Passwords;
using Keyturn.Passwords;
using Keyturn.Server.Access;
using Keyturn.Storage;
using Keyturn.Storage.Sealing;
using Keyturn.Storage.Sqlite;

namespace Keyturn.Cli.Commands;

/// <summary><c>keyturn init</c></summary>
internal sealed class InitCommand(Terminal terminal)
{
    private readonly Option<string> _store = StoreOptions.Store();
    private readonly Option<string?> _masterKey = StoreOptions.MasterKey();
    private readonly Option<string> _principal = new("--principal") { Description = "Name of who may call the server first", DefaultValueFactory = _ => "admin" };

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
            init._store, init._masterKey, init._principal, init._tokenFile,
        };
        command.SetAction(async (parse, cancel) => (int)await init.RunAsync(parse, cancel));
        return command;
    }

    private async Task<ExitCode> RunAsync(ParseResult parse, CancellationToken cancel)
    {
        var store = parse.GetRequiredValue(_store);
        var masterKeyFile = parse.GetValue(_masterKey);
        using var tokenFile = parse.GetValue(_tokenFile) is { } path ? OwnerOnlyFile.Create(path, overwrite: false) : null;
        var token = ApiToken.Generate();
        try
        {
            var masterKey = await MasterKeyAsync(masterKeyFile, store, cancel);
            await CreateAsync(store, masterKey, parse.GetRequiredValue(_principal), token, cancel);
        }
        catch (StoreException e)
        {
            throw new CommandFailure(ExitCode.Refused, e.Message, e);
        }

        HandOut(token, tokenFile);
        SayWhatToKeep(store, masterKeyFile);
        return ExitCode.Done;
    }

    private static async Task<MasterKey> MasterKeyAsync(string? file, string store, CancellationToken cancel) => file is not null
        ? await MasterKeyFile.CreateAsync(file, store, cancel)
        : MasterKey.FromEnvironment() ?? throw CommandFailure.Usage($"say where the master key is to be: --master-key FILE, or a key in {MasterKey.EnvironmentVariable}.");

    private static async Task CreateAsync(string path, MasterKey masterKey, string principalName, Secret token, CancellationToken cancel)
    {
        await using var store = await SqliteStore.CreateAsync(path, new MasterKeys(masterKey), TimeProvider.System);
        var now = TimeProvider.System.GetUtcNow();
        var principal = new Principal(Guid.CreateVersion7(now), Guid.CreateVersion7(now), principalName, now);
        await store.Principals.AddAsync(principal, ApiToken.Hash(token), cancel);
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
          the store       {store} (with {store}-wal while a server runs)
          the master key  {masterKeyFile ?? $"the one in {MasterKey.EnvironmentVariable}"}
        Who has both can read every password. Without the master key nobody can, you neither.
        """);
}
