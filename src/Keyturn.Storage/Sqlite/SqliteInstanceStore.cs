using Keyturn.Audit;
using Keyturn.Instances;
using Keyturn.Passwords;
using Keyturn.Storage.Sealing;

namespace Keyturn.Storage.Sqlite;

/// <summary>Instances and their accounts.</summary>
internal sealed class SqliteInstanceStore(SqliteWriter writer, SqliteReaders readers, KeyRing keys, TimeProvider clock) : IInstanceStore
{
    public async ValueTask<RegistrationResult> AddAsync(Instance instance, Account admin, Secret adminPassword, AuditEntry audit, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        return await writer.WriteAsync(Durability.Synced, session =>
        {
            if (InstanceRows.FindCollision(session, instance) is { } collision)
            {
                return collision;
            }

            var now = clock.GetUtcNow();
            InstanceRows.Insert(session, keys, instance);
            AccountRows.Insert(session, admin);
            SecretRows.Add(session, keys, admin.Id, adminPassword, SecretState.Current, resetId: null, now);
            AuditRows.Append(session, audit, now);
            return RegistrationResult.Stored;
        });
    }

    public async ValueTask<RegistrationResult> ReplaceAsync(Instance instance, AuditEntry audit, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        return await writer.WriteAsync(Durability.Synced, session =>
        {
            if (InstanceRows.FindCollision(session, instance) is { } collision)
            {
                return collision;
            }

            if (!InstanceRows.Replace(session, keys, instance))
            {
                return new RegistrationResult(RegistrationConflict.Changed);
            }

            AuditRows.Append(session, audit, clock.GetUtcNow());
            return RegistrationResult.Stored;
        });
    }

    public async ValueTask<RegistrationResult> RemoveAsync(Guid instanceId, AuditEntry audit, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        return await writer.WriteAsync(Durability.Synced, session =>
        {
            if (ResetRows.AnyOpen(session, instanceId))
            {
                return new RegistrationResult(RegistrationConflict.ResetOpen);
            }

            if (!InstanceRows.Delete(session, instanceId))
            {
                return new RegistrationResult(RegistrationConflict.Changed);
            }

            AuditRows.Append(session, audit, clock.GetUtcNow());
            return RegistrationResult.Stored;
        });
    }

    public async ValueTask<Instance?> FindAsync(Guid projectId, Guid instanceId, CancellationToken cancel) =>
        await FindAnyAsync(instanceId, cancel) is { } instance && instance.ProjectId == projectId ? instance : null;

    public async ValueTask<Instance?> FindByNameAsync(Guid projectId, string name, CancellationToken cancel) =>
        (await readers.ReadAsync(session => InstanceRows.FindByName(session, projectId, name), cancel))?.Open(keys);

    public async ValueTask<Instance?> FindAnyAsync(Guid instanceId, CancellationToken cancel) =>
        (await readers.ReadAsync(session => InstanceRows.Find(session, instanceId), cancel))?.Open(keys);

    public async ValueTask<IReadOnlyList<Instance>> ListAsync(Guid projectId, CancellationToken cancel) =>
        [.. (await readers.ReadAsync(session => InstanceRows.List(session, projectId), cancel)).Select(instance => instance.Open(keys))];

    public ValueTask<Account?> FindAccountAsync(Guid instanceId, AccountName name, CancellationToken cancel) =>
        readers.ReadAsync(session => AccountRows.Find(session, instanceId, name), cancel);

    public ValueTask<Account?> FindAccountAsync(Guid accountId, CancellationToken cancel) =>
        readers.ReadAsync(session => AccountRows.Find(session, accountId), cancel);

    public ValueTask<Account?> FindOverlapAsync(Guid instanceId, AccountName account, CancellationToken cancel) =>
        readers.ReadAsync(session => AccountRows.FindOverlap(session, instanceId, account), cancel);

    public async ValueTask<IReadOnlyList<Account>> ListAccountsAsync(Guid instanceId, CancellationToken cancel) =>
        await readers.ReadAsync(session => AccountRows.List(session, instanceId), cancel);

    public async ValueTask SetProofAsync(Guid accountId, ProofMode proof, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        await writer.WriteAsync(Durability.Committed, session => AccountRows.SetProof(session, accountId, proof));
    }

    public async ValueTask SetDriftAsync(Guid accountId, DateTimeOffset? driftedAt, AuditEntry audit, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        await writer.WriteAsync(Durability.Committed, session =>
        {
            AccountRows.SetDrift(session, accountId, driftedAt);
            AuditRows.Append(session, audit, clock.GetUtcNow());
        });
    }

    public async ValueTask<bool> RemoveAccountAsync(Guid accountId, AuditEntry audit, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        return await writer.WriteAsync(Durability.Synced, session =>
        {
            if (ResetRows.FindOpenId(session, accountId) is not null)
            {
                return false;
            }

            AccountRows.Delete(session, accountId);
            AuditRows.Append(session, audit, clock.GetUtcNow());
            return true;
        });
    }
}
