using System.Net;
using System.Text.Json.Nodes;
using Keyturn.Engines;
using Keyturn.LiveTests.PostgreSql;
using Npgsql;

namespace Keyturn.LiveTests.WholeProgram;

/// <summary>A change is over when its session is over: <c>kill -9</c> while the server still works on the statement.</summary>
public sealed class KilledStatementTests : IAsyncDisposable
{
    private readonly LabAccounts _accounts = new(Lab.Server("postgresql-15"));

    [Fact]
    public async Task Reset_KilledWhileTheServerWaitsForALock_OrphanIsEndedAndNeverLands()
    {
        var lab = new PostgreSqlLab(_accounts.Server);
        await using var keyturn = await KeyturnProcess.CreateAsync();
        await keyturn.StartAsync();
        // The orphan would wait for as long as a registration can ask for.
        var instance = await keyturn.Api.RegisterAsync(_accounts.Server, new JsonObject { ["statement_limit_seconds"] = 30 });
        var user = await _accounts.CreateAsync();
        await using var holder = await lab.OpenAsync(_accounts.Server.Superuser);
        await using var held = await LockAsync(holder, user);

        var reset = keyturn.Api.ResetAsync(instance, user);
        var orphan = await UntilAsync(() => lab.ReadAsync(WaiterFor(user)), pid => pid?.Length > 0);
        await keyturn.KillAsync();
        await Should.ThrowAsync<HttpRequestException>(reset);
        (await lab.ReadAsync(CountOf(orphan))).ShouldBe("1");

        await keyturn.StartAsync();
        await UntilAsync(() => lab.ReadAsync(CountOf(orphan)), count => count == "0");
        await held.RollbackAsync();

        var ended = (await keyturn.Api.EndedResetsAsync(instance, user)).ShouldHaveSingleItem();
        ended["state"]!.ToString().ShouldBe("done", ended.ToJsonString());
        ended["events"]!.AsArray().ShouldContain(line => line!["phase"]!.ToString() == "fenced");
        var secret = await keyturn.Api.SecretAsync(instance, user);
        secret.ShouldBe(HttpStatusCode.OK);
        (await _accounts.LoginAsync(user, secret["password"]!)).ShouldBe(Login.Accepted);
        (await _accounts.LoginAsync(user, LabAccounts.OldPassword)).ShouldBe(Login.WrongPassword);
    }

    public ValueTask DisposeAsync() => _accounts.DisposeAsync();

    private static string WaiterFor(string user) =>
        $"SELECT min(pid)::text FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%ALTER ROLE \"{user}\" PASSWORD%'";

    private static string CountOf(string? pid) => $"SELECT count(*)::text FROM pg_stat_activity WHERE pid = {pid}";

    /// <summary>Holds the account's row of the catalogue, on which a change of its password waits.</summary>
    private static async Task<NpgsqlTransaction> LockAsync(NpgsqlConnection connection, string user)
    {
        var transaction = await connection.BeginTransactionAsync();
        await using var command = new NpgsqlCommand($"ALTER ROLE {user} CONNECTION LIMIT 50", connection, transaction);
        await command.ExecuteNonQueryAsync();
        return transaction;
    }

    private static async Task<string?> UntilAsync(Func<Task<string?>> read, Predicate<string?> enough)
    {
        for (var i = 0; i < 600; i++)
        {
            if (await read() is var value && enough(value))
            {
                return value;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System);
        }

        throw new TimeoutException("the server did not come to that");
    }
}
