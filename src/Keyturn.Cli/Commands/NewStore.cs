using Keyturn.Access;
using Keyturn.Passwords;
using Keyturn.Server.Access;
using Keyturn.Storage;
using Keyturn.Storage.Sealing;

namespace Keyturn.Cli.Commands;

/// <summary>What <c>keyturn init</c> makes: a store with its first project, principal and token, and the store's master key. All of it, or nothing.</summary>
internal sealed class NewStore(string path, string? masterKeyFile)
{
    /// <exception cref="StoreException">It cannot be made; what was made of it is taken away again.</exception>
    public async Task MakeAsync(Project project, Principal principal, Secret token, CancellationToken cancel)
    {
        var isNew = !File.Exists(path);
        var masterKey = masterKeyFile is null ? KeyOfEnvironment() : await MasterKeyFile.CreateAsync(masterKeyFile, path, cancel);
        try
        {
            await FillAsync(masterKey, project, principal, token, cancel);
        }
        catch (Exception e)
        {
            Undo(isNew && e is not StoreException { Fault: StoreFault.InUse or StoreFault.Exists });
            throw;
        }
    }

    private static MasterKey KeyOfEnvironment() => MasterKey.FromEnvironment()
        ?? throw CommandFailure.Usage($"say where the master key is to be: --master-key FILE, or a key in {MasterKey.EnvironmentVariable}.");

    private async Task FillAsync(MasterKey masterKey, Project project, Principal principal, Secret token, CancellationToken cancel)
    {
        await using var store = await Store.CreateAsync(path, new MasterKeys(masterKey), TimeProvider.System);
        await store.Principals.AddProjectAsync(project, cancel);
        await store.Principals.AddAsync(principal, audit: null, cancel);
        var credential = new PrincipalCredential(Guid.CreateVersion7(principal.CreatedAt), principal.Id, CredentialKind.Token, "keyturn init", principal.CreatedAt);
        await store.Principals.AddCredentialAsync(credential, new CredentialMaterial(ApiToken.Hash(token)), audit: null, cancel);
    }

    /// <summary>The key goes last: should the store not go, it is not left behind without one.</summary>
    private void Undo(bool storeIsOurs)
    {
        string?[] made = storeIsOurs ? [path + "-wal", path + "-shm", path, masterKeyFile] : [masterKeyFile];
        foreach (var file in made.Where(File.Exists))
        {
            File.Delete(file!);
        }
    }
}
