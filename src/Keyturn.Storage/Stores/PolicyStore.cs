using Keyturn.Access.Policies;
using Keyturn.Audit;
using Keyturn.Storage.Tables;

namespace Keyturn.Storage.Stores;

/// <summary>Access policies and groups. Nothing is kept between two lookups, so that a change is in force at once.</summary>
internal sealed class PolicyStore(IStoreDatabase database) : IPolicyStore
{
    public async ValueTask<IReadOnlyList<AccessPolicy>> ListOfAsync(Guid principalId, CancellationToken cancel) =>
        await database.ReadAsync(session => PolicyRows.ListOfAsync(session, principalId), cancel);

    public async ValueTask<IReadOnlyList<AttachedPolicy>> ListAsync(Guid projectId, CancellationToken cancel) => await database.ReadAsync(
        async session =>
        {
            var found = new List<AttachedPolicy>();
            foreach (var policy in await PolicyRows.ListAsync(session, projectId))
            {
                found.Add(await PolicyRows.WithHoldersAsync(session, policy));
            }

            return found;
        },
        cancel);

    public ValueTask<AttachedPolicy?> FindAsync(Guid projectId, string name, CancellationToken cancel) => database.ReadAsync(
        async session => await PolicyRows.FindAsync(session, projectId, name) is { } policy ? await PolicyRows.WithHoldersAsync(session, policy) : null, cancel);

    public ValueTask<bool> ReachesOwnerAsync(Guid policyId, CancellationToken cancel) => database.ReadAsync(session => PolicyRows.ReachesOwnerAsync(session, policyId), cancel);

    public ValueTask<bool> AddAsync(AccessPolicy policy, AuditEntry audit, CancellationToken cancel) =>
        WriteAsync(audit, async session => !await PolicyRows.IsNameTakenAsync(session, policy) && await PolicyRows.InsertAsync(session, policy), cancel);

    public ValueTask<bool> ChangeAsync(AccessPolicy policy, AuditEntry audit, CancellationToken cancel) =>
        WriteAsync(audit, async session => !await PolicyRows.IsNameTakenAsync(session, policy) && await PolicyRows.ReplaceAsync(session, policy), cancel);

    public ValueTask<bool> RemoveAsync(Guid policyId, AuditEntry audit, CancellationToken cancel) =>
        WriteAsync(audit, session => PolicyRows.DeleteAsync(session, policyId), cancel);

    public ValueTask<bool> AttachAsync(Guid policyId, Guid holderId, bool isGroup, AuditEntry audit, CancellationToken cancel) =>
        WriteAsync(audit, session => PolicyRows.AttachAsync(session, policyId, holderId, isGroup), cancel);

    public ValueTask<bool> DetachAsync(Guid policyId, Guid holderId, bool isGroup, AuditEntry audit, CancellationToken cancel) =>
        WriteAsync(audit, session => PolicyRows.DetachAsync(session, policyId, holderId, isGroup), cancel);

    public async ValueTask<IReadOnlyList<PrincipalGroup>> ListGroupsAsync(Guid projectId, CancellationToken cancel) => await database.ReadAsync(
        async session =>
        {
            var found = new List<PrincipalGroup>();
            foreach (var group in await GroupRows.ListAsync(session, projectId))
            {
                found.Add(await GroupRows.WithMembersAsync(session, group));
            }

            return found;
        },
        cancel);

    public ValueTask<PrincipalGroup?> FindGroupAsync(Guid projectId, string name, CancellationToken cancel) => database.ReadAsync(
        async session => await GroupRows.FindAsync(session, projectId, name) is { } group ? await GroupRows.WithMembersAsync(session, group) : null, cancel);

    public ValueTask<bool> HasOwnerAsync(Guid groupId, CancellationToken cancel) => database.ReadAsync(session => GroupRows.HasOwnerAsync(session, groupId), cancel);

    public ValueTask<bool> AddGroupAsync(PrincipalGroup group, AuditEntry audit, CancellationToken cancel) =>
        WriteAsync(audit, async session => await GroupRows.FindAsync(session, group.ProjectId, group.Name) is null && await GroupRows.InsertAsync(session, group), cancel);

    public ValueTask<bool> RemoveGroupAsync(Guid groupId, AuditEntry audit, CancellationToken cancel) =>
        WriteAsync(audit, session => GroupRows.DeleteAsync(session, groupId), cancel);

    public ValueTask<bool> AddMemberAsync(Guid groupId, Guid principalId, AuditEntry audit, CancellationToken cancel) =>
        WriteAsync(audit, session => GroupRows.AddMemberAsync(session, groupId, principalId), cancel);

    public ValueTask<bool> RemoveMemberAsync(Guid groupId, Guid principalId, AuditEntry audit, CancellationToken cancel) =>
        WriteAsync(audit, session => GroupRows.RemoveMemberAsync(session, groupId, principalId), cancel);

    /// <summary>The audit row is written with what it tells about, and not when nothing was changed.</summary>
    private async ValueTask<bool> WriteAsync(AuditEntry audit, Func<StoreSession, ValueTask<bool>> write, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        return await database.WriteAsync(Durability.Synced, async session =>
        {
            var isChanged = await write(session);
            if (isChanged)
            {
                await AuditRows.AppendAsync(session, audit, await session.NowAsync());
            }

            return isChanged;
        });
    }
}
