using Keyturn.Audit;
using Keyturn.Instances;
using Keyturn.Passwords;
using Keyturn.Storage.Sealing;
using Keyturn.Storage.Tables;

namespace Keyturn.Storage.Stores;

/// <summary>Versions of passwords, sealed.</summary>
/// <remarks>Promoting settles a parked reset as adopting does; see <see cref="PasswordAdoption"/>.</remarks>
internal sealed class SecretStore(IStoreDatabase database, KeyRing keys) : ISecretStore
{
    public async ValueTask<SecretVersions> ReadAsync(Guid accountId, int limit, CancellationToken cancel)
    {
        var (versions, unsettled) = await database.ReadConfirmedAsync(
            async session => (await SecretRows.NewestAsync(session, accountId, limit), await ResetRows.FindUnsettledIdAsync(session, accountId)), cancel);
        var opened = new List<StoredSecret>(versions.Count);
        foreach (var version in versions)
        {
            opened.Add(await version.OpenAsync(keys, accountId));
        }

        return new SecretVersions(opened, unsettled);
    }

    public async ValueTask<bool> AdoptAsync(Account account, Secret password, VersionsSeen seen, AuditEntry audit, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        return await database.WriteAsync(Durability.Synced, session => AdoptAsync(session, account, password, seen, audit));
    }

    public async ValueTask<bool> PromoteAsync(Guid accountId, int version, VersionsSeen seen, AuditEntry audit, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        return await database.WriteAsync(Durability.Synced, session => PromoteAsync(session, accountId, version, seen, audit));
    }

    private async ValueTask<bool> AdoptAsync(StoreSession session, Account account, Secret password, VersionsSeen seen, AuditEntry audit)
    {
        switch (await PasswordAdoption.FindConflictAsync(session, account, seen))
        {
            case AdoptionConflict.None:
                await PasswordAdoption.WriteAsync(session, keys, account, password, audit);
                return true;
            case AdoptionConflict.Overlap:
                throw new StoreException(StoreFault.Conflict, $"{account.Name} overlaps with an account that was stored meanwhile.");
            default:
                return false;
        }
    }

    private static async ValueTask<bool> PromoteAsync(StoreSession session, Guid accountId, int version, VersionsSeen seen, AuditEntry audit)
    {
        var now = await session.NowAsync();
        await session.LockAccountAsync(accountId);
        if (await ResetRows.FindOpenIdAsync(session, accountId) is not null || await SecretRows.SeenAsync(session, accountId) != seen)
        {
            return false;
        }

        await PasswordAdoption.SettleAsync(session, accountId, now, $"Version {version} was found in force.");
        if (!await SecretRows.MakeCurrentAsync(session, accountId, version))
        {
            throw new StoreException(StoreFault.Conflict, $"Account {accountId} has no version {version}: it was removed meanwhile.");
        }

        // It was found to be the only one.
        await AccountRows.SetProvedAsync(session, accountId, old: null);
        await AuditRows.AppendAsync(session, audit, now);
        return true;
    }
}
