using System.Globalization;
using Keyturn.Instances;
using Npgsql;

namespace Keyturn.Engines.PostgreSql;

/// <summary>The one round trip after connecting: limits set, server and session known.</summary>
internal sealed record ServerReading(ServerInfo Server, ServerSession Session, string Admin, bool NeedsAdminOption, bool CanLoop)
{
    // backend_start in whole microseconds, its own precision. Two sessions of one pid never share it.
    internal const string BackendStart = "(extract(epoch FROM backend_start) * 1000000)::bigint::text";

    private const int AdminOptionSince = 160000;

    // The lock's limit is below the statement's, so that a locked role can be told from a slow server.
    private const string Query = $"""
        SELECT pg_backend_pid(), {BackendStart}, ssl.version, current_setting('server_version'), current_setting('server_version_num')::int,
            pg_is_in_recovery() OR current_setting('transaction_read_only')::bool, current_setting('password_encryption'),
            current_setting('log_statement'), set_config('statement_timeout', $1, false), set_config('lock_timeout', $2, false),
            EXISTS (SELECT FROM pg_language l WHERE lanname = 'plpgsql' AND has_language_privilege(l.oid, 'USAGE')), current_user::text
        FROM pg_stat_activity LEFT JOIN pg_stat_ssl ssl USING (pid) WHERE pid = pg_backend_pid()
        """;

    // Apart, because where its execution is revoked the statement fails as a whole.
    private const string IdentityQuery = "SELECT system_identifier::text FROM pg_control_system()";

    /// <summary>Sets the limits of <paramref name="target"/> and reads what connecting is to tell.</summary>
    public static async Task<ServerReading> ReadAsync(NpgsqlConnection connection, Target target, CancellationToken cancel)
    {
        await using var batch = new NpgsqlBatch(connection) { EnableErrorBarriers = true };
        batch.BatchCommands.Add(new NpgsqlBatchCommand(Query)
        {
            Parameters =
            {
                new NpgsqlParameter<string> { TypedValue = Milliseconds(target.StatementLimit) },
                new NpgsqlParameter<string> { TypedValue = Milliseconds(target.StatementLimit * 0.75) },
            },
        });
        batch.BatchCommands.Add(new NpgsqlBatchCommand(IdentityQuery));

        await using var reader = await batch.ExecuteReaderAsync(cancel);
        await reader.ReadAsync(cancel);
        var reading = Of(reader, connection.ProcessID, target);
        return reading with { Server = Identified(reading, await ReadIdentityAsync(reader, cancel), target) };
    }

    private static ServerReading Of(NpgsqlDataReader row, int processId, Target target)
    {
        var pid = row.GetInt32(0);

        // A pooler makes up the key data that the client gets and lends it a session of the server's, whose pid is another.
        var isPooler = pid != processId;
        var server = new ServerInfo
        {
            Product = "PostgreSQL",
            Version = row.GetString(3),
            Identity = "",
            IsReadOnly = row.GetBoolean(5),
            IsPooler = isPooler,
            TlsProtocol = row.IsDBNull(2) ? null : row.GetString(2),
            Remarks = [.. Remarks(row, isPooler, target)],
        };
        var session = new ServerSession(pid.ToString(CultureInfo.InvariantCulture), row.GetString(1));
        return new ServerReading(server, session, row.GetString(11), row.GetInt32(4) >= AdminOptionSince, CanLoop: row.GetBoolean(10));
    }

    private static IEnumerable<string> Remarks(NpgsqlDataReader row, bool isPooler, Target target)
    {
        if (row.GetString(6) != "scram-sha-256")
        {
            yield return $"password_encryption = {row.GetString(6)}: passwords set by others are stored so";
        }

        if (isPooler)
        {
            yield return "the address is a pooler: register the server itself (TLS is told as the pooler's own to the server)";
        }

        if (target.Send == SendMode.Clear)
        {
            yield return $"send = clear: passwords reach the server's log where it logs the statement (log_statement = {row.GetString(7)}, or an error)";
        }
    }

    private static ServerInfo Identified(ServerReading reading, string? systemIdentifier, Target target) => systemIdentifier is not null
        ? reading.Server with { Identity = systemIdentifier, HasIdentityOfItsPrimary = true }
        : reading.Server with
        {
            Identity = target.Node.Address,
            Remarks =
            [
                .. reading.Server.Remarks,
                "known by its address, so that the same server at another address is not recognised. "
                    + $"Missing: GRANT EXECUTE ON FUNCTION pg_control_system() TO {SqlQuoting.Identifier(reading.Admin)};",
            ],
        };

    private static async Task<string?> ReadIdentityAsync(NpgsqlDataReader reader, CancellationToken cancel)
    {
        try
        {
            return await reader.NextResultAsync(cancel) && await reader.ReadAsync(cancel) ? reader.GetString(0) : null;
        }
        catch (PostgresException error) when (error.SqlState is SqlState.InsufficientPrivilege)
        {
            return null;
        }
    }

    private static string Milliseconds(TimeSpan limit) => ((int)limit.TotalMilliseconds).ToString(CultureInfo.InvariantCulture);
}
