using System.Data.Common;
using Keyturn.Access.Policies;

namespace Keyturn.Storage.Tables;

/// <summary>Rows of groups of principals.</summary>
internal static class GroupRows
{
    private const string Select = "SELECT id, project_id, name, created_at FROM groups";

    public static ValueTask<PrincipalGroup?> FindAsync(StoreSession session, Guid projectId, string name) =>
        session.FirstAsync($"{Select} WHERE project_id = $project AND name = $name", Read, ("$project", projectId), ("$name", name));

    public static ValueTask<List<PrincipalGroup>> ListAsync(StoreSession session, Guid projectId) =>
        session.QueryAsync($"{Select} WHERE project_id = $project ORDER BY name", Read, ("$project", projectId));

    public static async ValueTask<PrincipalGroup> WithMembersAsync(StoreSession session, PrincipalGroup group) => group with
    {
        Members = await session.QueryAsync(
            "SELECT p.name FROM group_members m JOIN principals p ON p.id = m.principal_id WHERE m.group_id = $group ORDER BY p.name", row => row.GetString(0), ("$group", group.Id)),
    };

    public static ValueTask<bool> HasOwnerAsync(StoreSession session, Guid groupId) => session.AnyAsync(
        "SELECT 1 FROM group_members m JOIN principals p ON p.id = m.principal_id WHERE m.group_id = $group AND p.is_owner = $isOwner", ("$group", groupId), ("$isOwner", true));

    public static async ValueTask<bool> InsertAsync(StoreSession session, PrincipalGroup group) => await session.ExecuteAsync(
        "INSERT INTO groups (id, project_id, name, created_at) VALUES ($id, $project, $name, $createdAt)",
        ("$id", group.Id), ("$project", group.ProjectId), ("$name", group.Name), ("$createdAt", group.CreatedAt)) == 1;

    /// <summary>False if there is none.</summary>
    public static async ValueTask<bool> DeleteAsync(StoreSession session, Guid groupId) =>
        await session.ExecuteAsync("DELETE FROM groups WHERE id = $id", ("$id", groupId)) == 1;

    /// <summary>False if either is gone.</summary>
    public static async ValueTask<bool> AddMemberAsync(StoreSession session, Guid groupId, Guid principalId)
    {
        if (!await session.AnyAsync("SELECT 1 FROM groups WHERE id = $id", ("$id", groupId)) || await PrincipalRows.FindAsync(session, principalId) is null)
        {
            return false;
        }

        await session.ExecuteAsync(
            "INSERT INTO group_members (principal_id, group_id) VALUES ($principal, $group) ON CONFLICT DO NOTHING", ("$principal", principalId), ("$group", groupId));
        return true;
    }

    /// <summary>False if it was no member.</summary>
    public static async ValueTask<bool> RemoveMemberAsync(StoreSession session, Guid groupId, Guid principalId) => await session.ExecuteAsync(
        "DELETE FROM group_members WHERE principal_id = $principal AND group_id = $group", ("$principal", principalId), ("$group", groupId)) == 1;

    private static PrincipalGroup Read(DbDataReader row) => new(row.Id(0), row.Id(1), row.GetString(2), row.Time(3));
}
