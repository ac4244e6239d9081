using System.Globalization;
using Keyturn.Storage.Tables;
using Npgsql;

namespace Keyturn.Storage.PostgreSql;

/// <summary>
/// The schema's versions: numbered scripts, each run once, by whichever node comes first, under a lock. Scripts add to what is there, so
/// that nodes of the version before go on; one that cannot says so by <c>oldest_program</c>.
/// </summary>
internal static class PostgreSqlMigrations
{
    /// <summary><c>KTRN</c>, the key of the advisory lock that one node holds at a time.</summary>
    private const long LockKey = 0x4B54524E;

    private static readonly MigrationScripts Scripts = new("PostgreSql/Migrations/");

    /// <summary>Brings the schema to this program's version.</summary>
    /// <exception cref="StoreException">There is none, or a later Keyturn has changed it so that this one cannot use it.</exception>
    public static async Task ApplyAsync(NpgsqlDataSource source, string schema, bool makeSchema)
    {
        await using var connection = await source.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();

        // The limits of a session are for resets; an index on a million rows takes longer, and so does waiting for the node that makes it.
        await ExecuteAsync(connection, $"SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = 0; SELECT pg_advisory_xact_lock({LockKey})");
        if (!await ExistsAsync(connection, schema, makeSchema))
        {
            throw new StoreException(StoreFault.Missing, $"There is no store in the schema {schema}: make one with keyturn init.");
        }

        await ExecuteAsync(
            connection, "CREATE TABLE IF NOT EXISTS schema_versions (number bigint PRIMARY KEY, oldest_program bigint NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())");
        var (version, oldestProgram) = await ReadVersionAsync(connection);
        if (oldestProgram > Scripts.Latest)
        {
            throw new StoreException(
                StoreFault.SchemaNewer,
                $"A later Keyturn has changed this store (schema {version}, for programs from {oldestProgram} on; this program knows {Scripts.Latest}): run that one, or restore a backup.");
        }

        foreach (var script in Scripts.After(version))
        {
            await ExecuteAsync(connection, script.Text);
            await ExecuteAsync(connection, string.Create(CultureInfo.InvariantCulture, $"INSERT INTO schema_versions (number, oldest_program) VALUES ({script.Number}, {script.OldestProgram})"));
        }

        await transaction.CommitAsync();
    }

    /// <summary>Leaves the schema as it is.</summary>
    /// <exception cref="StoreException">There is none, or it is not this program's.</exception>
    public static async Task RequireLatestAsync(NpgsqlDataSource source, string schema)
    {
        await using var connection = await source.OpenConnectionAsync();
        await using var isStore = new NpgsqlCommand("SELECT to_regclass('schema_versions') IS NOT NULL", connection);
        if (!(bool)(await isStore.ExecuteScalarAsync())!)
        {
            throw new StoreException(StoreFault.Missing, $"There is no store in the schema {schema}.");
        }

        var (version, _) = await ReadVersionAsync(connection);
        if (version != Scripts.Latest)
        {
            throw new StoreException(
                version > Scripts.Latest ? StoreFault.SchemaNewer : StoreFault.Other,
                $"The store's schema is {version}, this program's {Scripts.Latest}: use the Keyturn of the same version, or start a node of this one first.");
        }
    }

    private static async Task<bool> ExistsAsync(NpgsqlConnection connection, string schema, bool make)
    {
        await using var command = new NpgsqlCommand("SELECT EXISTS (SELECT 1 FROM pg_namespace WHERE nspname = $1)", connection) { Parameters = { new() { Value = schema } } };
        if ((bool)(await command.ExecuteScalarAsync())! || !make)
        {
            await using var isStore = new NpgsqlCommand("SELECT to_regclass('schema_versions') IS NOT NULL", connection);
            return make || (bool)(await isStore.ExecuteScalarAsync())!;
        }

        await ExecuteAsync(connection, $"CREATE SCHEMA {new NpgsqlCommandBuilder().QuoteIdentifier(schema)}");
        return true;
    }

    private static async Task<(long Version, long OldestProgram)> ReadVersionAsync(NpgsqlConnection connection)
    {
        await using var command = new NpgsqlCommand("SELECT coalesce(max(number), 0), coalesce(max(oldest_program), 0) FROM schema_versions", connection);
        await using var row = await command.ExecuteReaderAsync();
        await row.ReadAsync();
        return (row.GetInt64(0), row.GetInt64(1));
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}
