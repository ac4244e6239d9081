using System.Data.Common;
using Keyturn.Access.Policies;

namespace Keyturn.Storage.Tables;

/// <summary>Rows of access policies, and to whom they are attached.</summary>
internal static class PolicyRows
{
    private const string Columns = "y.id, y.project_id, y.name, y.document, y.created_at";

    /// <summary>Those of a principal and of its groups, each once.</summary>
    public static ValueTask<List<AccessPolicy>> ListOfAsync(StoreSession session, Guid principalId) => session.QueryAsync(
        $"""
        SELECT {Columns} FROM policies y
        WHERE y.id IN (SELECT policy_id FROM principal_policies WHERE principal_id = $principal
            UNION SELECT g.policy_id FROM group_policies g JOIN group_members m ON m.group_id = g.group_id WHERE m.principal_id = $principal)
        ORDER BY y.name
        """,
        Read,
        ("$principal", principalId));

    public static ValueTask<List<AccessPolicy>> ListAsync(StoreSession session, Guid projectId) =>
        session.QueryAsync($"SELECT {Columns} FROM policies y WHERE y.project_id = $project ORDER BY y.name", Read, ("$project", projectId));

    public static ValueTask<AccessPolicy?> FindAsync(StoreSession session, Guid projectId, string name) =>
        session.FirstAsync($"SELECT {Columns} FROM policies y WHERE y.project_id = $project AND y.name = $name", Read, ("$project", projectId), ("$name", name));

    /// <summary>The policy, with the names of its principals and groups.</summary>
    public static async ValueTask<AttachedPolicy> WithHoldersAsync(StoreSession session, AccessPolicy policy) => new(
        policy,
        await session.QueryAsync(
            "SELECT p.name FROM principal_policies a JOIN principals p ON p.id = a.principal_id WHERE a.policy_id = $policy ORDER BY p.name", Name, ("$policy", policy.Id)),
        await session.QueryAsync("SELECT g.name FROM group_policies a JOIN groups g ON g.id = a.group_id WHERE a.policy_id = $policy ORDER BY g.name", Name, ("$policy", policy.Id)));

    /// <summary>Whether an owner has it, by itself or by a group.</summary>
    public static ValueTask<bool> ReachesOwnerAsync(StoreSession session, Guid policyId) => session.AnyAsync(
        """
        SELECT 1 FROM principals p WHERE p.is_owner = $isOwner AND p.id IN
            (SELECT principal_id FROM principal_policies WHERE policy_id = $policy
                UNION SELECT m.principal_id FROM group_members m JOIN group_policies g ON g.group_id = m.group_id WHERE g.policy_id = $policy)
        """,
        ("$isOwner", true), ("$policy", policyId));

    public static async ValueTask<bool> IsNameTakenAsync(StoreSession session, AccessPolicy policy) =>
        await FindAsync(session, policy.ProjectId, policy.Name) is { } named && named.Id != policy.Id;

    public static async ValueTask<bool> InsertAsync(StoreSession session, AccessPolicy policy) => await session.ExecuteAsync(
        "INSERT INTO policies (id, project_id, name, document, created_at) VALUES ($id, $project, $name, $document, $createdAt)",
        ("$id", policy.Id), ("$project", policy.ProjectId), ("$name", policy.Name), ("$document", policy.Document), ("$createdAt", policy.CreatedAt)) == 1;

    /// <summary>False if there is none.</summary>
    public static async ValueTask<bool> ReplaceAsync(StoreSession session, AccessPolicy policy) => await session.ExecuteAsync(
        "UPDATE policies SET name = $name, document = $document WHERE id = $id", ("$id", policy.Id), ("$name", policy.Name), ("$document", policy.Document)) == 1;

    /// <summary>Nobody has it any more then. False if there is none.</summary>
    public static async ValueTask<bool> DeleteAsync(StoreSession session, Guid policyId) =>
        await session.ExecuteAsync("DELETE FROM policies WHERE id = $id", ("$id", policyId)) == 1;

    /// <summary>False if the holder or the policy is gone.</summary>
    public static async ValueTask<bool> AttachAsync(StoreSession session, Guid policyId, Guid holderId, bool isGroup)
    {
        if (!await session.AnyAsync($"SELECT 1 FROM {(isGroup ? "groups" : "principals")} WHERE id = $id", ("$id", holderId))
            || !await session.AnyAsync("SELECT 1 FROM policies WHERE id = $id", ("$id", policyId)))
        {
            return false;
        }

        await session.ExecuteAsync(
            isGroup
                ? "INSERT INTO group_policies (group_id, policy_id) VALUES ($holder, $policy) ON CONFLICT DO NOTHING"
                : "INSERT INTO principal_policies (principal_id, policy_id) VALUES ($holder, $policy) ON CONFLICT DO NOTHING",
            ("$holder", holderId), ("$policy", policyId));
        return true;
    }

    /// <summary>False if it was not attached.</summary>
    public static async ValueTask<bool> DetachAsync(StoreSession session, Guid policyId, Guid holderId, bool isGroup) => await session.ExecuteAsync(
        isGroup
            ? "DELETE FROM group_policies WHERE group_id = $holder AND policy_id = $policy"
            : "DELETE FROM principal_policies WHERE principal_id = $holder AND policy_id = $policy",
        ("$holder", holderId), ("$policy", policyId)) == 1;

    private static AccessPolicy Read(DbDataReader row) => new(row.Id(0), row.Id(1), row.GetString(2), row.GetString(3), row.Time(4));

    private static string Name(DbDataReader row) => row.GetString(0);
}
