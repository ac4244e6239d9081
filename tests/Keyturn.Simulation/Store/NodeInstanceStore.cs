using Keyturn.Audit;
using Keyturn.Instances;
using Keyturn.Passwords;

namespace Keyturn.Simulation.Store;

/// <summary>The instance and its accounts in the store, as one process gets at them; and the audit log, which nobody reads here.</summary>
internal sealed class NodeInstanceStore(StoreLink link) : IInstanceStore, IAuditLog
{
    public async ValueTask<Instance?> FindAnyAsync(Guid instanceId, CancellationToken cancel) =>
        await link.ReadAsync(Point.FindInstance, (tables, _) => tables.Instance, cancel);

    public async ValueTask<Account?> FindAccountAsync(Guid instanceId, AccountName name, CancellationToken cancel) =>
        await link.ReadAsync(Point.FindAccount, (tables, _) => tables.FindAccount(name), cancel);

    public async ValueTask<Account?> FindAccountAsync(Guid accountId, CancellationToken cancel) =>
        await link.ReadAsync(Point.FindAccount, (tables, _) => tables.FindAccount(accountId), cancel);

    public async ValueTask<bool> SetDriftAsync(Guid accountId, DateTimeOffset? driftedAt, VersionsSeen seen, AuditEntry audit, CancellationToken cancel) =>
        await link.WriteAsync(Point.SetDrift, accountId, isSynced: false, (tables, _) =>
            tables.IsStill(accountId, seen) && tables.SetDrift(accountId, driftedAt));

    public async ValueTask<bool> SetVerifiedAsync(Guid accountId, VersionsSeen seen, AuditEntry audit, CancellationToken cancel) =>
        await SetDriftAsync(accountId, driftedAt: null, seen, audit, cancel);

    public async ValueTask AppendAsync(AuditEntry entry, CancellationToken cancel) =>
        await link.WriteAsync(Point.Audit, account: null, isSynced: false, (_, _) => true);

    public async ValueTask AppendSyncedAsync(AuditEntry entry, CancellationToken cancel) =>
        await link.WriteAsync(Point.Audit, account: null, isSynced: true, (_, _) => true);

    public ValueTask<RegistrationResult> AddAsync(Instance instance, Account admin, Secret adminPassword, AuditEntry audit, CancellationToken cancel) =>
        throw new NotSupportedException();

    public ValueTask<RegistrationResult> ReplaceAsync(Instance instance, AuditEntry audit, CancellationToken cancel) => throw new NotSupportedException();

    public ValueTask<RegistrationResult> ReplaceAsync(Instance instance, ProvedAdmin admin, AuditEntry audit, CancellationToken cancel) => throw new NotSupportedException();

    public ValueTask<RegistrationResult> RemoveAsync(Guid instanceId, AuditEntry audit, CancellationToken cancel) => throw new NotSupportedException();

    public ValueTask<Instance?> FindAsync(Guid projectId, Guid instanceId, CancellationToken cancel) => throw new NotSupportedException();

    public ValueTask<Instance?> FindByNameAsync(Guid projectId, string name, CancellationToken cancel) => throw new NotSupportedException();

    public ValueTask<IReadOnlyList<Instance>> ListAsync(Guid projectId, CancellationToken cancel) => throw new NotSupportedException();

    public ValueTask<IReadOnlyList<Instance>> ListJoiningAsync(CancellationToken cancel) => throw new NotSupportedException();

    public ValueTask<bool> SetJoiningAsync(Instance seen, IReadOnlyList<string> joining, AuditEntry audit, CancellationToken cancel) => throw new NotSupportedException();

    /// <summary>Names have no hosts here.</summary>
    public ValueTask<Account?> FindOverlapAsync(Guid instanceId, AccountName account, CancellationToken cancel) => ValueTask.FromResult<Account?>(null);

    public ValueTask<IReadOnlyList<Account>> ListAccountsAsync(Guid instanceId, CancellationToken cancel) => throw new NotSupportedException();

    public ValueTask<IReadOnlyList<Account>> ListAccountsAsync(Guid instanceId, string user, CancellationToken cancel) => throw new NotSupportedException();

    public ValueTask<IReadOnlyList<HeldAccount>> ListHeldAsync(Guid projectId, Guid? instanceId, Guid after, int limit, CancellationToken cancel) => throw new NotSupportedException();

    public ValueTask<IReadOnlyList<AccountName>> AddAccountsAsync(Guid instanceId, IReadOnlyList<Account> accounts, AuditEntry audit, CancellationToken cancel) => throw new NotSupportedException();

    public ValueTask SetProofAsync(Guid accountId, ProofMode proof, AuditEntry audit, CancellationToken cancel) => throw new NotSupportedException();

    public ValueTask<IReadOnlyDictionary<Guid, int>> CountUnverifiedAsync(Guid projectId, CancellationToken cancel) => throw new NotSupportedException();

    public ValueTask<IReadOnlyList<Account>> ListToProbeAsync(int limit, CancellationToken cancel) => throw new NotSupportedException();

    public ValueTask<bool> TryBeginProbeAsync(Guid accountId, CancellationToken cancel) => throw new NotSupportedException();

    public ValueTask ProbeLaterAsync(Guid accountId, TimeSpan pause, CancellationToken cancel) => throw new NotSupportedException();

    public async ValueTask<IReadOnlyList<Account>> ListToDiscardAsync(int limit, CancellationToken cancel) =>
        await link.ReadAsync(Point.DueDiscards, (tables, now) => tables.DueDiscards(limit, now), cancel);

    public async ValueTask<bool> TryBeginDiscardAsync(Guid accountId, TimeSpan pause, CancellationToken cancel) =>
        await link.WriteAsync(Point.BeginDiscard, accountId, isSynced: false, (tables, now) => tables.TryBeginDiscard(accountId, now, now + pause));

    public ValueTask<bool> RemoveAccountAsync(Guid accountId, AuditEntry audit, CancellationToken cancel) => throw new NotSupportedException();

    public ValueTask<IReadOnlyList<RecordedAuditEntry>> ListAsync(Guid projectId, AuditFilter filter, CancellationToken cancel) => throw new NotSupportedException();
}
