using System.Data.Common;
using Keyturn.Access;

namespace Keyturn.Storage.Tables;

/// <summary>Rows of principals.</summary>
internal static class PrincipalRows
{
    /// <summary>What is read of a principal, of a table or alias <c>p</c>.</summary>
    public const string Columns = "p.id, p.project_id, p.name, p.created_at, p.email, p.is_owner";

    public static ValueTask<Principal?> FindAsync(StoreSession session, Guid principalId) =>
        session.FirstAsync($"SELECT {Columns} FROM principals p WHERE p.id = $id", Read, ("$id", principalId));

    public static ValueTask<Principal?> FindAsync(StoreSession session, Guid projectId, string name) =>
        session.FirstAsync($"SELECT {Columns} FROM principals p WHERE p.project_id = $project AND p.name = $name", Read, ("$project", projectId), ("$name", name));

    public static ValueTask<List<Principal>> ListAsync(StoreSession session, Guid projectId) =>
        session.QueryAsync($"SELECT {Columns} FROM principals p WHERE p.project_id = $project ORDER BY p.name", Read, ("$project", projectId));

    /// <summary>Whether another principal has its name or its address.</summary>
    public static async ValueTask<bool> IsTakenAsync(StoreSession session, Principal principal) =>
        (await FindAsync(session, principal.ProjectId, principal.Name) is { } named && named.Id != principal.Id)
        || (principal.Email is { } email && await FindByEmailAsync(session, email) is { } other && other.Id != principal.Id);

    public static async ValueTask<bool> InsertAsync(StoreSession session, Principal principal) => await session.ExecuteAsync(
        "INSERT INTO principals (id, project_id, name, created_at, email, is_owner) VALUES ($id, $project, $name, $createdAt, $email, $isOwner)",
        ("$id", principal.Id), ("$project", principal.ProjectId), ("$name", principal.Name), ("$createdAt", principal.CreatedAt), ("$email", principal.Email),
        ("$isOwner", principal.IsOwner)) == 1;

    /// <summary>False if there is none.</summary>
    public static async ValueTask<bool> ReplaceAsync(StoreSession session, Principal principal) => await session.ExecuteAsync(
        "UPDATE principals SET name = $name, email = $email WHERE id = $id",
        ("$id", principal.Id), ("$name", principal.Name), ("$email", principal.Email)) == 1;

    /// <summary>Its credentials go with it. False if there is none.</summary>
    public static async ValueTask<bool> DeleteAsync(StoreSession session, Guid principalId) =>
        await session.ExecuteAsync("DELETE FROM principals WHERE id = $id", ("$id", principalId)) == 1;

    public static Principal Read(DbDataReader row, int first) =>
        new(row.Id(first), row.Id(first + 1), row.GetString(first + 2), row.Time(first + 3)) { Email = row.OptionalText(first + 4), IsOwner = row.Flag(first + 5) };

    private static Principal Read(DbDataReader row) => Read(row, first: 0);

    private static ValueTask<Principal?> FindByEmailAsync(StoreSession session, string email) =>
        session.FirstAsync($"SELECT {Columns} FROM principals p WHERE lower(p.email) = lower($email)", Read, ("$email", email));
}
