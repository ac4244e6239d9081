using System.Data.Common;
using Keyturn.Storage.Tables;

namespace Keyturn.Storage.Care;

/// <summary>Copies all rows of one store into another, empty one, whichever databases they are.</summary>
internal static class StoreCopy
{
    private const long PageSize = 500;

    /// <param name="from">One snapshot.</param>
    /// <param name="to">One transaction: all of it, or nothing.</param>
    public static async ValueTask RunAsync(StoreSession from, StoreSession to)
    {
        foreach (var table in StoreTables.All)
        {
            await RunAsync(from, to, table);
        }
    }

    private static async ValueTask RunAsync(StoreSession from, StoreSession to, StoreTable table)
    {
        var insert = Insert(table);
        for (var page = await PageAsync(from, table, after: null); page.Count > 0; page = await PageAsync(from, table, page[^1]))
        {
            foreach (var row in page)
            {
                await to.RunAsync(insert, [.. table.Columns.Select((column, i) => (Parameter(column), row[i]))]);
            }

            // Sends the page, where statements that nobody waits for are sent with the next one.
            await to.AnyAsync("SELECT 1");
        }
    }

    /// <summary>By the primary key, so that no page starts with a search for its place.</summary>
    private static ValueTask<List<object?[]>> PageAsync(StoreSession session, StoreTable table, object?[]? after)
    {
        var key = string.Join(", ", table.Key.Select(Quote));
        var where = after is null ? "" : $"WHERE ({key}) > ({string.Join(", ", table.Key.Select(Parameter))})";
        var sql = $"SELECT {string.Join(", ", table.Columns.Select(Quote))} FROM {table.Name} {where} ORDER BY {key} LIMIT $limit";
        (string Name, object? Value)[] place = after is null ? [] : [.. table.Key.Select((column, i) => (Parameter(column), after[i]))];
        return session.QueryAsync(sql, row => Read(row, table), [.. place, ("$limit", PageSize)]);
    }

    private static object?[] Read(DbDataReader row, StoreTable table) => [.. table.Columns.Select((column, i) => row.IsDBNull(i) ? null : Read(row, i, column.Kind))];

    private static object Read(DbDataReader row, int column, ColumnKind kind) => kind switch
    {
        ColumnKind.Number => row.GetInt64(column),
        ColumnKind.Text => row.GetString(column),
        ColumnKind.Id => row.Id(column),
        ColumnKind.Time => row.Time(column),
        ColumnKind.Flag => row.Flag(column),
        _ => row.Bytes(column),
    };

    private static string Insert(StoreTable table) =>
        $"INSERT INTO {table.Name} ({string.Join(", ", table.Columns.Select(Quote))}) VALUES ({string.Join(", ", table.Columns.Select(Parameter))})";

    private static string Parameter(StoreColumn column) => $"${column.Name.Replace("_", "", StringComparison.Ordinal)}";

    /// <summary>Names are our own; one of them (user) is a word of SQL.</summary>
    private static string Quote(StoreColumn column) => $"\"{column.Name}\"";
}
