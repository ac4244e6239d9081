using Keyturn.Engines;
using Keyturn.Instances;
using Keyturn.Passwords;
using Keyturn.Wire;
using Keyturn.Wire.MySql;
using Npgsql;

namespace Keyturn.Bench;

/// <summary>
/// The floor that the peer was measured against: the statement that sets a password that was hashed beforehand, on a warm session of each
/// caller's own, without looking first.
/// </summary>
internal sealed class BareStatement : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    private readonly List<Caller> _callers = [];

    private sealed record Caller(Func<Task> RunAsync, IAsyncDisposable Session, IAdminSession Admin, AccountName Account);

    public static async Task<BareStatement> PrepareAsync(IEngine engine, BenchServer server, int callers)
    {
        var bare = new BareStatement();
        for (var number = 0; number < callers; number++)
        {
            var connected = await engine.ConnectAsync(server.Target(caPem: null), server.Admin.Credential, CancellationToken.None);
            var admin = connected.Value ?? throw new InvalidOperationException(connected.Failure!.Detail);
            var account = new AccountName($"bare_{number}");
            await admin.InspectAsync(account, CancellationToken.None);
            var change = new PasswordChange(account, PasswordGenerator.Generate(PasswordPolicy.Default)) { CreateIfMissing = true };
            if ((await admin.SetPasswordAsync(change, CancellationToken.None)).Failure is { } failure)
            {
                throw new InvalidOperationException(failure.Detail);
            }

            var (run, session) = server.Engine == "postgresql" ? await OpenPostgreSqlAsync(server, account) : await OpenMySqlAsync(server, account);
            bare._callers.Add(new Caller(run, session, admin, account));
        }

        return bare;
    }

    public Task RunAsync(int number) => _callers[number].RunAsync();

    public async ValueTask DisposeAsync()
    {
        foreach (var caller in _callers)
        {
            await caller.Session.DisposeAsync();
            await caller.Admin.DropAccountAsync(caller.Account, CancellationToken.None);
            await caller.Admin.DisposeAsync();
        }
    }

    private static async Task<(Func<Task> RunAsync, IAsyncDisposable Session)> OpenPostgreSqlAsync(BenchServer server, AccountName account)
    {
        // Any 32 bytes are keys; how many iterations the verifier names decides what the server spends on it.
        var key = Convert.ToBase64String(new byte[32]);
        var statement = $"ALTER ROLE {account.User} PASSWORD 'SCRAM-SHA-256$4096:{Convert.ToBase64String(new byte[16])}${key}:{key}'";
        var text = new NpgsqlConnectionStringBuilder
        {
            Host = server.Host,
            Port = server.Port,
            Username = server.Admin.User,
            Password = server.Admin.Password,
            Database = "postgres",
            SslMode = SslMode.Disable,
            Pooling = false,
        };
        var connection = new NpgsqlConnection(text.ToString());
        await connection.OpenAsync();
        return (RunAsync, connection);

        async Task RunAsync()
        {
            await using var command = new NpgsqlCommand(statement, connection);
            await command.ExecuteNonQueryAsync();
        }
    }

    private static async Task<(Func<Task> RunAsync, IAsyncDisposable Session)> OpenMySqlAsync(BenchServer server, AccountName account)
    {
        var statement = $"ALTER USER {account.User}@'%' IDENTIFIED VIA mysql_native_password USING '*{new string('0', 40)}'";
        using var limit = new CancellationTokenSource(Limit);
        var connection = await MySqlConnection.ConnectAsync(server.Host, server.Port, new WireTls(WireTlsMode.Disable), limit.Token);
        await connection.LoginAsync(server.Admin.User, server.Admin.Password, limit.Token);
        return (RunAsync, connection);

        async Task RunAsync()
        {
            if ((await connection.QueryAsync(statement, QueryLimits.Few, CancellationToken.None)).Error is { } error)
            {
                throw new InvalidOperationException($"{error.Code}: {error.Message}");
            }
        }
    }
}
