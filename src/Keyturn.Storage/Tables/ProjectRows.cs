using System.Data.Common;
using Keyturn.Access;

namespace Keyturn.Storage.Tables;

/// <summary>Rows of projects.</summary>
internal static class ProjectRows
{
    private const string Select = "SELECT id, name, region, created_at FROM projects";

    public static ValueTask<Project?> FindAsync(StoreSession session, Guid projectId) => session.FirstAsync($"{Select} WHERE id = $id", Read, ("$id", projectId));

    public static ValueTask<Project?> FindAsync(StoreSession session, string name) => session.FirstAsync($"{Select} WHERE name = $name", Read, ("$name", name));

    /// <summary>The one that <c>keyturn init</c> made; null in a store that has none yet.</summary>
    public static ValueTask<Guid?> FindFirstIdAsync(StoreSession session) => session.FirstIdAsync("SELECT id FROM projects ORDER BY created_at, id LIMIT 1");

    public static async ValueTask<bool> IsNameTakenAsync(StoreSession session, Project project) => await FindAsync(session, project.Name) is { } named && named.Id != project.Id;

    public static async ValueTask<bool> InsertAsync(StoreSession session, Project project) => await session.ExecuteAsync(
        "INSERT INTO projects (id, name, region, created_at) VALUES ($id, $name, $region, $createdAt)",
        ("$id", project.Id), ("$name", project.Name), ("$region", project.Region), ("$createdAt", project.CreatedAt)) == 1;

    /// <summary>False if there is none.</summary>
    public static async ValueTask<bool> ReplaceAsync(StoreSession session, Project project) => await session.ExecuteAsync(
        "UPDATE projects SET name = $name, region = $region WHERE id = $id",
        ("$id", project.Id), ("$name", project.Name), ("$region", project.Region)) == 1;

    private static Project Read(DbDataReader row) => new(row.Id(0), row.GetString(1), row.GetString(2), row.Time(3));
}
