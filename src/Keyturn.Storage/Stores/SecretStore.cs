using Keyturn.Audit;
using Keyturn.Instances;
using Keyturn.Passwords;
using Keyturn.Storage.Sealing;
using Keyturn.Storage.Tables;

namespace Keyturn.Storage.Stores;

/// <summary>Versions of passwords, sealed.</summary>
/// <remarks>
/// Adopting or promoting while the account's last reset is parked settles that reset: a login has shown which password is in force,
/// which is what it waited for.
/// </remarks>
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
        var now = await session.NowAsync();
        await session.LockAccountAsync(account.Id);
        if (await ResetRows.FindOpenIdAsync(session, account.Id) is not null || await SecretRows.SeenAsync(session, account.Id) != seen)
        {
            return false;
        }

        if (await AccountRows.FindAsync(session, account.Id) is null)
        {
            // Under the instance's lock: another caller may have stored the account under an id of its own since this one looked.
            await session.LockInstanceAsync(account.InstanceId);
            if (await AccountRows.FindAsync(session, account.InstanceId, account.Name) is not null)
            {
                return false;
            }

            await AddAsync(session, account);
        }
        else
        {
            await AccountRows.SetProofAsync(session, account.Id, account.Proof);
        }

        await SettleAsync(session, account.Id, now, "A password was adopted.");
        await SecretRows.AddAsync(session, keys, account.Id, password, SecretState.Current, resetId: null, now);
        await AuditRows.AppendAsync(session, audit, now);
        return true;
    }

    private static async ValueTask<bool> PromoteAsync(StoreSession session, Guid accountId, int version, VersionsSeen seen, AuditEntry audit)
    {
        var now = await session.NowAsync();
        await session.LockAccountAsync(accountId);
        if (await ResetRows.FindOpenIdAsync(session, accountId) is not null || await SecretRows.SeenAsync(session, accountId) != seen)
        {
            return false;
        }

        await SettleAsync(session, accountId, now, $"Version {version} was found in force.");
        if (!await SecretRows.MakeCurrentAsync(session, accountId, version))
        {
            throw new StoreException(StoreFault.Conflict, $"Account {accountId} has no version {version}: it was removed meanwhile.");
        }

        // It was found to be the only one.
        await AccountRows.SetProvedAsync(session, accountId, old: null);

        await AuditRows.AppendAsync(session, audit, now);
        return true;
    }

    /// <summary>Nothing is pending, current, drifted or unverified afterwards.</summary>
    private static async ValueTask SettleAsync(StoreSession session, Guid accountId, DateTimeOffset now, string why)
    {
        await ResetRows.SupersedeParkedAsync(session, accountId, now, why);
        await SecretRows.FailPendingAsync(session, accountId);
        await SecretRows.RetireCurrentAsync(session, accountId);
        await AccountRows.SetVerifiedAsync(session, accountId);
    }

    private static async ValueTask AddAsync(StoreSession session, Account account)
    {
        if (await AccountRows.FindOverlapAsync(session, account.InstanceId, account.Name) is { } other)
        {
            throw new StoreException(StoreFault.Conflict, $"{account.Name} overlaps with {other.Name}, which was stored meanwhile.");
        }

        await AccountRows.InsertAsync(session, account);
    }
}
