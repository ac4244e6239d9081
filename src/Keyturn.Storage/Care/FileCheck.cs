using System.Data.Common;
using Keyturn.Storage.Sqlite;

namespace Keyturn.Storage.Care;

/// <summary>What SQLite itself can say about its file, and whether its schema is the one that our migrations make.</summary>
internal static class FileCheck
{
    private const int MostFindings = 100;

    private const string Schema = "SELECT type || ' ' || name, coalesce(sql, '') FROM sqlite_schema WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\'";

    public static async ValueTask RunAsync(SqliteSession session, TimeProvider clock, List<StoreFinding> findings)
    {
        await AddAsync(findings, PagesAsync(session));
        await AddAsync(findings, ReferencesAsync(session));
        await AddAsync(findings, SchemaDifferencesAsync(session, clock));
    }

    private static async ValueTask AddAsync(List<StoreFinding> findings, ValueTask<IEnumerable<StoreFinding>> check)
    {
        try
        {
            findings.AddRange(await check);
        }
        catch (DbException e)
        {
            findings.Add(new StoreFinding("file", $"SQLite cannot read all of it: {e.Message}"));
        }
    }

    /// <summary>Pages, trees, indexes, NOT NULL and CHECK.</summary>
    private static async ValueTask<IEnumerable<StoreFinding>> PagesAsync(SqliteSession session) =>
        (await session.QueryAsync($"PRAGMA integrity_check({MostFindings})", row => row.GetString(0)))
        .Where(sentence => sentence != "ok")
        .Select(sentence => new StoreFinding("file", sentence));

    private static async ValueTask<IEnumerable<StoreFinding>> ReferencesAsync(SqliteSession session) =>
        (await session.QueryAsync("PRAGMA foreign_key_check", row => (Table: row.GetString(0), Parent: row.GetString(2))))
        .GroupBy(broken => broken)
        .Select(group => new StoreFinding($"table {group.Key.Table}", $"Rows of it ({group.Count()}) name a row of {group.Key.Parent} that is not there."));

    private static async ValueTask<IEnumerable<StoreFinding>> SchemaDifferencesAsync(SqliteSession session, TimeProvider clock)
    {
        using var fresh = SqliteSession.OpenEmpty(clock);
        Migrations.Apply(fresh);
        var expected = await SchemaAsync(fresh);
        var found = await SchemaAsync(session);
        return expected.Except(found).Select(missing => new StoreFinding(missing.Name, "The schema lacks it, or it was changed."))
            .Concat(found.ExceptBy(expected.Select(known => known.Name), extra => extra.Name).Select(extra => new StoreFinding(extra.Name, "It is none of Keyturn's.")))
            .ToList();
    }

    private static ValueTask<List<(string Name, string Sql)>> SchemaAsync(SqliteSession session) =>
        session.QueryAsync(Schema, row => (Name: row.GetString(0), Sql: row.GetString(1)));
}
