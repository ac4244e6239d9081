using Keyturn.Storage.Care;

namespace Keyturn.Storage.Tests.Care;

/// <summary>What is copied is all there is.</summary>
public sealed class StoreTablesTests
{
    /// <summary>A count of SQLite's own log.</summary>
    private const string OfSqliteOnly = "store.log_repairs";

    [Fact]
    public async Task All_AreTheTablesAndColumnsOfSqlite()
    {
        await using var test = await TestStore.CreateAsync(StoreKind.Sqlite);

        var columns = await test.Store.Database.ReadAsync(
            session => session.QueryAsync(
                """
                SELECT t.name || '.' || c.name || CASE WHEN c.pk > 0 THEN ' ' || c.pk ELSE '' END
                FROM sqlite_schema t JOIN pragma_table_info(t.name) c WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite_%'
                """,
                row => row.GetString(0)),
            default);

        Described().ShouldBe(columns.Where(column => column != OfSqliteOnly), ignoreOrder: true);
    }

    [Fact]
    public async Task All_AreTheTablesAndColumnsOfPostgreSql()
    {
        await using var test = await TestStore.CreateAsync(StoreKind.PostgreSql);

        var columns = await test.Store.Database.ReadAsync(
            session => session.QueryAsync(
                """
                SELECT c.table_name || '.' || c.column_name FROM information_schema.columns c
                WHERE c.table_schema = current_schema() AND c.table_name <> 'schema_versions'
                """,
                row => row.GetString(0)),
            default);

        Described().Select(column => column.Split(' ')[0]).ShouldBe(columns, ignoreOrder: true);
    }

    private static IEnumerable<string> Described() =>
        StoreTables.All.SelectMany(table => table.Columns.Select((column, i) => $"{table.Name}.{column.Name}{(i < table.KeyLength ? $" {i + 1}" : "")}"));
}
