using System.Text;
using Keyturn.LiveTests.MySql;

namespace Keyturn.LiveTests.WholeProgram;

/// <summary>What a server shows of the statements that it is sent, to those who may watch it. Disposing switches it off again.</summary>
internal interface IStatementLog : IAsyncDisposable
{
    Task StartAsync();

    /// <summary>All that was seen since the start.</summary>
    Task<string> ReadAsync();
}

/// <summary>Tests that change a setting of a whole server run alone.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class ServerSettings
{
    public const string Name = "settings of whole servers";
}

/// <summary>The server's log file, with <c>log_statement = all</c> for one login.</summary>
internal sealed class PostgreSqlStatementLog(LabAccounts accounts, LabLogin login) : IStatementLog
{
    public Task StartAsync() => accounts.ExecuteAsync(
        $"ALTER ROLE {login.User} SET log_statement = 'all'; ALTER ROLE {login.User} SET log_min_duration_statement = 0; ALTER ROLE {login.User} SET log_min_messages = 'debug1'");

    public Task<string> ReadAsync() => File.ReadAllTextAsync(accounts.Server.Log);

    public async ValueTask DisposeAsync() => await accounts.ExecuteAsync($"ALTER ROLE {login.User} RESET ALL");
}

/// <summary>The general log, as a table.</summary>
internal sealed class GeneralLog(LabAccounts accounts) : IStatementLog
{
    public async Task StartAsync()
    {
        await accounts.ExecuteAsync("SET GLOBAL log_output = 'TABLE'");
        await accounts.ExecuteAsync("SET GLOBAL general_log = 1");
    }

    public async Task<string> ReadAsync()
    {
        await using var lab = accounts.Server.Engine == "mysql" ? MySqlLab.MySql() : MySqlLab.MariaDb();
        var rows = await lab.SqlAsync("SELECT CONVERT(argument USING utf8mb4) FROM mysql.general_log");
        return string.Join('\n', rows.Select(row => row.First));
    }

    public async ValueTask DisposeAsync()
    {
        await accounts.ExecuteAsync("SET GLOBAL general_log = 0");
        await accounts.ExecuteAsync("SET GLOBAL log_output = DEFAULT");
        await accounts.ExecuteAsync("TRUNCATE TABLE mysql.general_log");
    }
}

/// <summary><c>MONITOR</c>, <c>SLOWLOG</c> with everything called slow, and the server's log file.</summary>
internal sealed class RedisWatch(LabAccounts accounts) : IStatementLog
{
    private readonly StringBuilder _seen = new();
    private System.Diagnostics.Process? _monitor;

    public async Task StartAsync()
    {
        await accounts.ExecuteAsync("CONFIG SET slowlog-log-slower-than 0");
        _monitor = VendorClient.StartRedis(accounts.Server, accounts.Server.Superuser, "MONITOR");
        (await _monitor.StandardOutput.ReadLineAsync()).ShouldBe("OK");
    }

    public async Task<string> ReadAsync()
    {
        var mark = $"mark-{Guid.NewGuid():N}";
        await accounts.ExecuteAsync($"ECHO {mark}");
        while (await _monitor!.StandardOutput.ReadLineAsync() is { } line && !line.Contains(mark, StringComparison.Ordinal))
        {
            _seen.AppendLine(line);
        }

        using var slow = VendorClient.StartRedis(accounts.Server, accounts.Server.Superuser, "SLOWLOG", "GET", "1000");
        return $"{_seen}\n{await slow.StandardOutput.ReadToEndAsync()}\n{await File.ReadAllTextAsync(accounts.Server.Log)}";
    }

    public async ValueTask DisposeAsync()
    {
        _monitor?.Kill();
        _monitor?.Dispose();
        await accounts.ExecuteAsync("CONFIG SET slowlog-log-slower-than 10000");
    }
}
