using Keyturn.Access;
using Microsoft.Data.Sqlite;

namespace Keyturn.Storage.Sqlite;

/// <summary>Rows of principals.</summary>
internal static class PrincipalRows
{
    /// <summary>What is read of a principal, of a table or alias <c>p</c>.</summary>
    public const string Columns = "p.id, p.project_id, p.name, p.created_at, p.email";

    public static Principal? Find(SqliteSession session, Guid principalId) =>
        session.First($"SELECT {Columns} FROM principals p WHERE p.id = $id", Read, ("$id", principalId));

    public static Principal? Find(SqliteSession session, Guid projectId, string name) =>
        session.First($"SELECT {Columns} FROM principals p WHERE p.project_id = $project AND p.name = $name", Read, ("$project", projectId), ("$name", name));

    public static List<Principal> List(SqliteSession session, Guid projectId) =>
        session.Query($"SELECT {Columns} FROM principals p WHERE p.project_id = $project ORDER BY p.name", Read, ("$project", projectId));

    /// <summary>Whether another principal has its name or its address.</summary>
    public static bool IsTaken(SqliteSession session, Principal principal) =>
        (Find(session, principal.ProjectId, principal.Name) is { } named && named.Id != principal.Id)
        || (principal.Email is { } email && FindByEmail(session, email) is { } other && other.Id != principal.Id);

    public static bool Insert(SqliteSession session, Principal principal) => session.Execute(
        "INSERT INTO principals (id, project_id, name, created_at, email) VALUES ($id, $project, $name, $createdAt, $email)",
        ("$id", principal.Id), ("$project", principal.ProjectId), ("$name", principal.Name), ("$createdAt", principal.CreatedAt), ("$email", principal.Email)) == 1;

    /// <summary>False if there is none.</summary>
    public static bool Replace(SqliteSession session, Principal principal) => session.Execute(
        "UPDATE principals SET name = $name, email = $email WHERE id = $id",
        ("$id", principal.Id), ("$name", principal.Name), ("$email", principal.Email)) == 1;

    /// <summary>Its credentials go with it. False if there is none.</summary>
    public static bool Delete(SqliteSession session, Guid principalId) =>
        session.Execute("DELETE FROM principals WHERE id = $id", ("$id", principalId)) == 1;

    public static Principal Read(SqliteDataReader row, int first) =>
        new(row.Id(first), row.Id(first + 1), row.GetString(first + 2), row.Time(first + 3)) { Email = row.OptionalText(first + 4) };

    private static Principal Read(SqliteDataReader row) => Read(row, first: 0);

    private static Principal? FindByEmail(SqliteSession session, string email) =>
        session.First($"SELECT {Columns} FROM principals p WHERE p.email = $email COLLATE NOCASE", Read, ("$email", email));
}
