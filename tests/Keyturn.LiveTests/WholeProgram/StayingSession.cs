using System.Security.Cryptography.X509Certificates;
using Keyturn.LiveTests.PostgreSql;
using Keyturn.Wire;
using Keyturn.Wire.MySql;
using Keyturn.Wire.Redis;
using Npgsql;

namespace Keyturn.LiveTests.WholeProgram;

/// <summary>A session of an account that stays open, as an application's would.</summary>
public sealed class StayingSession : IAsyncDisposable
{
    private readonly IAsyncDisposable _connection;
    private readonly Func<Task> _ask;

    private StayingSession(IAsyncDisposable connection, Func<Task> ask) => (_connection, _ask) = (connection, ask);

    public static async Task<StayingSession> OpenAsync(LabServer server, string user, string password) => server.Engine switch
    {
        "postgresql" => await OpenPostgreSqlAsync(server, user, password),
        "mysql" or "mariadb" => await OpenMySqlAsync(server, user, password),
        _ => await OpenRedisAsync(server, user, password),
    };

    /// <summary>Whether the server answers it.</summary>
    public async Task<bool> IsAliveAsync()
    {
        try
        {
            await _ask();
            return true;
        }
        catch (Exception error) when (error is NpgsqlException or WireException)
        {
            return false;
        }
    }

    public ValueTask DisposeAsync() => _connection.DisposeAsync();

    private static async Task<StayingSession> OpenPostgreSqlAsync(LabServer server, string user, string password)
    {
        var connection = await new PostgreSqlLab(server).OpenAsync(new LabLogin(user, password));
        return new StayingSession(connection, async () =>
        {
            await using var command = new NpgsqlCommand("SELECT 1", connection);
            await command.ExecuteScalarAsync();
        });
    }

    private static async Task<StayingSession> OpenMySqlAsync(LabServer server, string user, string password)
    {
        var roots = new X509Certificate2Collection();
        roots.ImportFromPem(Lab.CaPem);
        var connection = await MySqlConnection.ConnectAsync(server.Host, server.Port, new WireTls(WireTlsMode.VerifyFull, roots), CancellationToken.None);
        (await connection.LoginAsync(user, password, CancellationToken.None)).Verdict.ShouldBe(LoginVerdict.Accepted);
        return new StayingSession(connection, async () => await connection.QueryAsync("SELECT 1", QueryLimits.Few, CancellationToken.None));
    }

    /// <summary>It may do nothing but log in; to be refused is an answer too.</summary>
    private static async Task<StayingSession> OpenRedisAsync(LabServer server, string user, string password)
    {
        var client = await RedisClient.ConnectAsync(server.Host, server.PlainPort, new WireTls(WireTlsMode.Disable), CancellationToken.None);
        (await client.ExecuteAsync(new RespCommand("AUTH", user, password), CancellationToken.None)).ShouldBeOfType<RespText>();
        return new StayingSession(client, async () => await client.ExecuteAsync(new RespCommand("PING"), CancellationToken.None));
    }
}
