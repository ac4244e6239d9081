using Keyturn.Storage;
using Keyturn.Storage.Sealing;

namespace Keyturn.Cli.Commands;

/// <summary>What <c>keyturn init</c> makes: a store with its first project, principal and token, and the store's master key. All of it, or nothing.</summary>
internal sealed class NewStore(string where, string? masterKeyFile, bool allowAsynchronous)
{
    private bool _isMadeElsewhere;

    /// <exception cref="StoreException">It cannot be made; what was made of it is taken away again.</exception>
    public async Task MakeAsync(FirstOwner first, CancellationToken cancel)
    {
        var isNewFile = !Store.IsPostgreSql(where) && !File.Exists(where);
        var masterKey = masterKeyFile is null ? KeyOfEnvironment() : await MasterKeyFile.CreateAsync(masterKeyFile, Store.IsPostgreSql(where) ? null : where, cancel);
        try
        {
            await FillAsync(masterKey, first, cancel);
        }
        catch (Exception e)
        {
            if (_isMadeElsewhere || e is StoreException { Fault: StoreFault.Unknown })
            {
                // In a database that is not ours to clean there is, or may be, what only this key opens.
                throw;
            }

            Undo(isNewFile && e is not StoreException { Fault: StoreFault.InUse or StoreFault.Exists });
            throw;
        }
    }

    private static MasterKey KeyOfEnvironment() => MasterKeys.FromEnvironment()?.Current
        ?? throw CommandFailure.Usage($"say where the master key is to be: --master-key FILE, or a key in {MasterKey.EnvironmentVariable}.");

    private async Task FillAsync(MasterKey masterKey, FirstOwner first, CancellationToken cancel)
    {
        await using var store = await Store.CreateAsync(where, new MasterKeys(masterKey), TimeProvider.System, allowAsynchronous);
        _isMadeElsewhere = Store.IsPostgreSql(where);
        await first.AddToAsync(store, cancel);
    }

    /// <summary>The key goes last: should the store not go, it is not left behind without one.</summary>
    private void Undo(bool storeIsOurs)
    {
        string?[] made = storeIsOurs ? [where + "-wal", where + "-shm", where, masterKeyFile] : [masterKeyFile];
        foreach (var file in made.Where(File.Exists))
        {
            File.Delete(file!);
        }
    }
}
