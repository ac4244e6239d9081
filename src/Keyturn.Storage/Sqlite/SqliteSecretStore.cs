using Keyturn.Audit;
using Keyturn.Instances;
using Keyturn.Passwords;
using Keyturn.Storage.Sealing;

namespace Keyturn.Storage.Sqlite;

/// <summary>Versions of passwords, sealed.</summary>
/// <remarks>
/// Adopting or promoting while the account's last reset is parked settles that reset: a login has shown which password is in force,
/// which is what it waited for.
/// </remarks>
internal sealed class SqliteSecretStore(SqliteWriter writer, SqliteReaders readers, KeyRing keys, TimeProvider clock) : ISecretStore
{
    public async ValueTask<SecretVersions> ReadAsync(Guid accountId, int limit, CancellationToken cancel)
    {
        var (versions, unsettled) = await readers.ReadAsync(
            session => (SecretRows.Newest(session, accountId, limit), ResetRows.FindUnsettledId(session, accountId)), cancel);
        return new SecretVersions([.. versions.Select(version => version.Open(keys, accountId))], unsettled);
    }

    public async ValueTask<bool> AdoptAsync(Account account, Secret password, AuditEntry audit, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        return await writer.WriteAsync(Durability.Synced, session => Adopt(session, account, password, audit));
    }

    public async ValueTask<bool> PromoteAsync(Guid accountId, int version, AuditEntry audit, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        return await writer.WriteAsync(Durability.Synced, session => Promote(session, accountId, version, audit));
    }

    private bool Adopt(SqliteSession session, Account account, Secret password, AuditEntry audit)
    {
        var now = clock.GetUtcNow();
        if (ResetRows.FindOpenId(session, account.Id) is not null)
        {
            return false;
        }

        if (AccountRows.Find(session, account.Id) is null)
        {
            Add(session, account);
        }
        else
        {
            AccountRows.SetProof(session, account.Id, account.Proof);
        }

        Settle(session, account.Id, now, "A password was adopted.");
        SecretRows.Add(session, keys, account.Id, password, SecretState.Current, resetId: null, now);
        AuditRows.Append(session, audit, now);
        return true;
    }

    private bool Promote(SqliteSession session, Guid accountId, int version, AuditEntry audit)
    {
        var now = clock.GetUtcNow();
        if (ResetRows.FindOpenId(session, accountId) is not null)
        {
            return false;
        }

        Settle(session, accountId, now, $"Version {version} was found in force.");
        if (!SecretRows.MakeCurrent(session, accountId, version))
        {
            throw new StoreException(StoreFault.Conflict, $"Account {accountId} has no version {version}: it was removed meanwhile.");
        }

        AuditRows.Append(session, audit, now);
        return true;
    }

    /// <summary>Nothing is pending, current or drifted afterwards.</summary>
    private static void Settle(SqliteSession session, Guid accountId, DateTimeOffset now, string why)
    {
        ResetRows.SupersedeParked(session, accountId, now, why);
        SecretRows.FailPending(session, accountId);
        SecretRows.RetireCurrent(session, accountId);
        AccountRows.SetDrift(session, accountId, driftedAt: null);
    }

    private static void Add(SqliteSession session, Account account)
    {
        if (AccountRows.FindOverlap(session, account.InstanceId, account.Name) is { } other)
        {
            throw new StoreException(StoreFault.Conflict, $"{account.Name} overlaps with {other.Name}, which was stored meanwhile.");
        }

        AccountRows.Insert(session, account);
    }
}
