using Keyturn.Audit;
using Keyturn.Instances;
using Keyturn.Passwords;

namespace Keyturn.Simulation.Store;

/// <summary>Passwords in the store, as one process gets at them.</summary>
internal sealed class NodeSecretStore(StoreLink link) : ISecretStore
{
    public async ValueTask<SecretVersions> ReadAsync(Guid accountId, int limit, CancellationToken cancel) =>
        await link.ReadAsync(Point.ReadSecrets, (tables, _) => tables.Read(accountId), cancel);

    public async ValueTask<bool> AdoptAsync(Account account, Secret password, VersionsSeen seen, AuditEntry audit, CancellationToken cancel) =>
        await link.WriteAsync(Point.Adopt, account.Id, isSynced: true, (tables, now) => tables.Adopt(account, password, seen, now));

    /// <summary>Verify finds an older version in force only where somebody has changed the password behind Keyturn's back. Nobody does here.</summary>
    public ValueTask<bool> PromoteAsync(Guid accountId, int version, VersionsSeen seen, AuditEntry audit, CancellationToken cancel) => throw new NotSupportedException();
}
