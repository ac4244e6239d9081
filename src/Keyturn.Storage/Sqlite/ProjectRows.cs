using Keyturn.Access;
using Microsoft.Data.Sqlite;

namespace Keyturn.Storage.Sqlite;

/// <summary>Rows of projects.</summary>
internal static class ProjectRows
{
    private const string Select = "SELECT id, name, region, created_at FROM projects";

    public static Project? Find(SqliteSession session, Guid projectId) => session.First($"{Select} WHERE id = $id", Read, ("$id", projectId));

    public static Project? Find(SqliteSession session, string name) => session.First($"{Select} WHERE name = $name", Read, ("$name", name));

    public static bool IsNameTaken(SqliteSession session, Project project) => Find(session, project.Name) is { } named && named.Id != project.Id;

    public static bool Insert(SqliteSession session, Project project) => session.Execute(
        "INSERT INTO projects (id, name, region, created_at) VALUES ($id, $name, $region, $createdAt)",
        ("$id", project.Id), ("$name", project.Name), ("$region", project.Region), ("$createdAt", project.CreatedAt)) == 1;

    /// <summary>False if there is none.</summary>
    public static bool Replace(SqliteSession session, Project project) => session.Execute(
        "UPDATE projects SET name = $name, region = $region WHERE id = $id",
        ("$id", project.Id), ("$name", project.Name), ("$region", project.Region)) == 1;

    private static Project Read(SqliteDataReader row) => new(row.Id(0), row.GetString(1), row.GetString(2), row.Time(3));
}
