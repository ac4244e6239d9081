using Keyturn.Audit;
using Keyturn.Instances;
using Keyturn.Passwords;
using Keyturn.Storage.Sealing;
using Keyturn.Storage.Tables;

namespace Keyturn.Storage.Stores;

/// <summary>Instances and their accounts.</summary>
internal sealed class InstanceStore(IStoreDatabase database, KeyRing keys) : IInstanceStore
{
    public async ValueTask<RegistrationResult> AddAsync(Instance instance, Account admin, Secret adminPassword, AuditEntry audit, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        return await database.WriteAsync(Durability.Synced, async session =>
        {
            await session.LockRegistrationsAsync();
            if (await InstanceRows.FindCollisionAsync(session, instance) is { } collision)
            {
                return collision;
            }

            var now = await session.NowAsync();
            await InstanceRows.InsertAsync(session, keys, instance);
            await AccountRows.InsertAsync(session, admin);
            await SecretRows.AddAsync(session, keys, admin.Id, adminPassword, SecretState.Current, resetId: null, now);
            await AuditRows.AppendAsync(session, audit, now);
            return RegistrationResult.Stored;
        });
    }

    public async ValueTask<RegistrationResult> ReplaceAsync(Instance instance, AuditEntry audit, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        return await database.WriteAsync(Durability.Synced, async session =>
        {
            await session.LockRegistrationsAsync();
            if (await InstanceRows.FindCollisionAsync(session, instance) is { } collision)
            {
                return collision;
            }

            if (!await InstanceRows.ReplaceAsync(session, keys, instance))
            {
                return new RegistrationResult(RegistrationConflict.Changed);
            }

            await AuditRows.AppendAsync(session, audit, await session.NowAsync());
            return RegistrationResult.Stored;
        });
    }

    public async ValueTask<RegistrationResult> RemoveAsync(Guid instanceId, AuditEntry audit, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        return await database.WriteAsync(Durability.Synced, async session =>
        {
            await session.LockInstanceAsync(instanceId);
            if (await ResetRows.AnyOpenAsync(session, instanceId))
            {
                return new RegistrationResult(RegistrationConflict.ResetOpen);
            }

            if (!await InstanceRows.DeleteAsync(session, instanceId))
            {
                return new RegistrationResult(RegistrationConflict.Changed);
            }

            await AuditRows.AppendAsync(session, audit, await session.NowAsync());
            return RegistrationResult.Stored;
        });
    }

    public async ValueTask<Instance?> FindAsync(Guid projectId, Guid instanceId, CancellationToken cancel) =>
        await FindAnyAsync(instanceId, cancel) is { } instance && instance.ProjectId == projectId ? instance : null;

    public async ValueTask<Instance?> FindByNameAsync(Guid projectId, string name, CancellationToken cancel) =>
        (await database.ReadAsync(session => InstanceRows.FindByNameAsync(session, projectId, name), cancel))?.Open(keys);

    public async ValueTask<Instance?> FindAnyAsync(Guid instanceId, CancellationToken cancel) =>
        (await database.ReadAsync(session => InstanceRows.FindAsync(session, instanceId), cancel))?.Open(keys);

    public async ValueTask<IReadOnlyList<Instance>> ListAsync(Guid projectId, CancellationToken cancel) =>
        [.. (await database.ReadAsync(session => InstanceRows.ListAsync(session, projectId), cancel)).Select(instance => instance.Open(keys))];

    public ValueTask<Account?> FindAccountAsync(Guid instanceId, AccountName name, CancellationToken cancel) =>
        database.ReadAsync(session => AccountRows.FindAsync(session, instanceId, name), cancel);

    public ValueTask<Account?> FindAccountAsync(Guid accountId, CancellationToken cancel) =>
        database.ReadAsync(session => AccountRows.FindAsync(session, accountId), cancel);

    public ValueTask<Account?> FindOverlapAsync(Guid instanceId, AccountName account, CancellationToken cancel) =>
        database.ReadAsync(session => AccountRows.FindOverlapAsync(session, instanceId, account), cancel);

    public async ValueTask<IReadOnlyList<Account>> ListAccountsAsync(Guid instanceId, CancellationToken cancel) =>
        await database.ReadAsync(session => AccountRows.ListAsync(session, instanceId), cancel);

    public async ValueTask<IReadOnlyList<Account>> ListAccountsAsync(Guid instanceId, string user, CancellationToken cancel) =>
        await database.ReadAsync(session => AccountRows.ListAsync(session, instanceId, user), cancel);

    public async ValueTask SetProofAsync(Guid accountId, ProofMode proof, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        await database.WriteAsync(Durability.Committed, session => AccountRows.SetProofAsync(session, accountId, proof));
    }

    public async ValueTask<bool> SetDriftAsync(Guid accountId, DateTimeOffset? driftedAt, VersionsSeen seen, AuditEntry audit, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        return await database.WriteAsync(Durability.Committed, async session =>
        {
            await session.LockAccountAsync(accountId);
            if (await SecretRows.SeenAsync(session, accountId) != seen)
            {
                return false;
            }

            await AccountRows.SetDriftAsync(session, accountId, driftedAt);
            await AuditRows.AppendAsync(session, audit, await session.NowAsync());
            return true;
        });
    }

    public async ValueTask<bool> RemoveAccountAsync(Guid accountId, AuditEntry audit, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        return await database.WriteAsync(Durability.Synced, async session =>
        {
            await session.LockAccountAsync(accountId);
            if (await ResetRows.FindOpenIdAsync(session, accountId) is not null)
            {
                return false;
            }

            await AccountRows.DeleteAsync(session, accountId);
            await AuditRows.AppendAsync(session, audit, await session.NowAsync());
            return true;
        });
    }
}
