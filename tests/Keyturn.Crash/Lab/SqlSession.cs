using Keyturn.Wire;
using Keyturn.Wire.MySql;
using Npgsql;

namespace Keyturn.Crash.Lab;

/// <summary>A bare session of the server's superuser, which knows nothing of Keyturn: holds locks, looks who waits for them, measures itself.</summary>
internal sealed class SqlSession(IAsyncDisposable connection, Func<string, Task<IReadOnlyList<string>>> run) : IAsyncDisposable
{
    public static async Task<SqlSession> OpenAsync(Database database) =>
        database.Engine == "postgresql" ? await OpenPostgreSqlAsync(database.Server) : await OpenMariaDbAsync(database);

    public Task ExecuteAsync(string statement) => run(statement);

    /// <summary>The first column of each row.</summary>
    public Task<IReadOnlyList<string>> ReadAsync(string query) => run(query);

    public ValueTask DisposeAsync() => connection.DisposeAsync();

    private static async Task<SqlSession> OpenPostgreSqlAsync(LabServer server)
    {
        var connection = new NpgsqlConnection(
            $"Host={server.Host};Port={server.Port};Database=postgres;Username={server.Superuser.User};Password={server.Superuser.Password};Pooling=false;SSL Mode=Require;Command Timeout=120");
        await connection.OpenAsync();
        return new SqlSession(connection, async statement =>
        {
            await using var command = new NpgsqlCommand(statement, connection);
            await using var reader = await command.ExecuteReaderAsync();
            var rows = new List<string>();
            while (await reader.ReadAsync())
            {
                rows.Add(reader.GetValue(0).ToString()!);
            }

            return rows;
        });
    }

    private static async Task<SqlSession> OpenMariaDbAsync(Database database)
    {
        var server = database.Server;
        var connection = await MySqlConnection.ConnectAsync(server.Host, server.Port, new WireTls(WireTlsMode.VerifyFull, database.Roots()), CancellationToken.None);
        var login = await connection.LoginAsync(server.Superuser.User, server.Superuser.Password, CancellationToken.None);
        if (login.Verdict != LoginVerdict.Accepted)
        {
            throw new InvalidOperationException($"{database.Name} refuses its superuser: {login.Verdict}");
        }

        return new SqlSession(connection, async statement =>
        {
            var result = await connection.QueryAsync(statement, QueryLimits.List, CancellationToken.None);
            return result.Error is { } error
                ? throw new InvalidOperationException($"{database.Name}: {error.Code} {error.Message}")
                : [.. result.Rows.Select(row => row.First ?? "")];
        });
    }
}
