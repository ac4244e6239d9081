using System.Data.Common;
using Keyturn.Storage.Tables;
using Npgsql;

namespace Keyturn.Storage.PostgreSql;

/// <summary>
/// One transaction on one connection. Statements that nobody waits for are sent with the next one that somebody does, or with the commit:
/// a reset's prepare is some ten round trips less that way.
/// </summary>
internal sealed class PostgreSqlSession(NpgsqlConnection connection) : StoreSession, IAsyncDisposable
{
    /// <summary>The server ends a statement before this (<see cref="PostgreSqlDatabase.StatementLimit"/>); later, nobody is there.</summary>
    private const int AnswerSeconds = 20;

    private NpgsqlBatch _batch = new(connection) { Timeout = AnswerSeconds };
    private DateTimeOffset? _now;

    public override async ValueTask<DateTimeOffset> NowAsync()
    {
        if (_now is not { } now)
        {
            now = (await QueryAsync("SELECT keyturn_now()", row => row.Time(0)))[0];
            _now = now;
        }

        return now;
    }

    public override async ValueTask LockAccountAsync(Guid accountId) => await AnyAsync(
        "SELECT 1 FROM accounts a JOIN instances i ON i.id = a.instance_id WHERE a.id = $id FOR UPDATE OF a FOR KEY SHARE OF i",
        ("$id", accountId));

    public override ValueTask<bool> TryLockAccountAsync(Guid accountId) =>
        AnyAsync("SELECT 1 FROM accounts WHERE id = $id FOR UPDATE SKIP LOCKED", ("$id", accountId));

    public override async ValueTask LockAccountOfAsync(Guid resetId) => await AnyAsync(
        "SELECT 1 FROM resets r JOIN accounts a ON a.id = r.account_id WHERE r.id = $id FOR UPDATE OF a",
        ("$id", resetId));

    public override ValueTask<bool> TryLockAccountOfAsync(Guid resetId) => AnyAsync(
        "SELECT 1 FROM resets r JOIN accounts a ON a.id = r.account_id WHERE r.id = $id FOR UPDATE OF a SKIP LOCKED",
        ("$id", resetId));

    public override async ValueTask LockInstanceAsync(Guid instanceId) =>
        await AnyAsync("SELECT 1 FROM instances WHERE id = $id FOR UPDATE", ("$id", instanceId));

    public override ValueTask LockRegistrationsAsync() => RunAsync("LOCK TABLE instances IN SHARE ROW EXCLUSIVE MODE");

    public override ValueTask<Guid?> TryLockEndedChainAsync(DateTimeOffset now) => FirstIdAsync(
        "SELECT id FROM audit_chains WHERE lease_until < $now AND closed_at IS NULL ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED", ("$now", now));

    public override ValueTask<int> ExecuteAsync(string sql, params ReadOnlySpan<(string Name, object? Value)> parameters) =>
        ExecuteAsync(PostgreSqlStatement.Bind(sql, parameters));

    public override ValueTask RunAsync(string sql, params ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        _batch.BatchCommands.Add(PostgreSqlStatement.Bind(sql, parameters));
        return ValueTask.CompletedTask;
    }

    public override ValueTask<List<T>> QueryAsync<T>(string sql, Func<DbDataReader, T> read, params ReadOnlySpan<(string Name, object? Value)> parameters) =>
        ReadAsync(PostgreSqlStatement.Bind(sql, parameters), read);

    public override ValueTask<T?> FirstAsync<T>(string sql, Func<DbDataReader, T> read, params ReadOnlySpan<(string Name, object? Value)> parameters)
        where T : class => FirstAsync(PostgreSqlStatement.Bind(sql, parameters), read);

    public override ValueTask<Guid?> FirstIdAsync(string sql, params ReadOnlySpan<(string Name, object? Value)> parameters) =>
        FirstValueAsync(PostgreSqlStatement.Bind(sql, parameters), row => row.OptionalId(0));

    public override ValueTask<long?> FirstNumberAsync(string sql, params ReadOnlySpan<(string Name, object? Value)> parameters) =>
        FirstValueAsync(PostgreSqlStatement.Bind(sql, parameters), row => row.IsDBNull(0) ? (long?)null : row.GetInt64(0));

    public override ValueTask<bool> AnyAsync(string sql, params ReadOnlySpan<(string Name, object? Value)> parameters) =>
        AnyAsync(PostgreSqlStatement.Bind(sql, parameters));

    /// <summary>Sends what waits, and a last statement.</summary>
    public async Task SendAsync(string last, int timeoutSeconds)
    {
        _batch.Timeout = timeoutSeconds;
        _batch.BatchCommands.Add(new NpgsqlBatchCommand(last));
        await using var batch = Take();
        await batch.ExecuteNonQueryAsync(CancellationToken.None);
    }

    /// <summary>
    /// Sends what waits, and commits; nothing limits how long it takes. Tells what commits wait for by the time the server goes on: whoever
    /// switches that off also ends the waits that are running, and the server calls them success without a warning.
    /// </summary>
    public async Task<string> CommitAsync()
    {
        _batch.Timeout = 0;
        _batch.BatchCommands.Add(new NpgsqlBatchCommand("COMMIT"));
        _batch.BatchCommands.Add(new NpgsqlBatchCommand(Replication.WaitsForQuery));
        await using var batch = Take();
        return (string)(await batch.ExecuteScalarAsync(CancellationToken.None))!;
    }

    public ValueTask DisposeAsync() => _batch.DisposeAsync();

    private async ValueTask<int> ExecuteAsync(NpgsqlBatchCommand command)
    {
        _batch.BatchCommands.Add(command);
        await using var batch = Take();
        await batch.ExecuteNonQueryAsync(CancellationToken.None);
        return command.RecordsAffected;
    }

    private async ValueTask<List<T>> ReadAsync<T>(NpgsqlBatchCommand command, Func<DbDataReader, T> read)
    {
        _batch.BatchCommands.Add(command);
        await using var batch = Take();
        await using var rows = await batch.ExecuteReaderAsync(CancellationToken.None);
        var found = new List<T>();
        while (await rows.ReadAsync(CancellationToken.None))
        {
            found.Add(read(rows));
        }

        return found;
    }

    private async ValueTask<T?> FirstAsync<T>(NpgsqlBatchCommand command, Func<DbDataReader, T> read)
        where T : class => (await ReadAsync(command, read)).FirstOrDefault();

    private async ValueTask<T?> FirstValueAsync<T>(NpgsqlBatchCommand command, Func<DbDataReader, T?> read)
        where T : struct => (await ReadAsync(command, read)).FirstOrDefault();

    private async ValueTask<bool> AnyAsync(NpgsqlBatchCommand command) => (await ReadAsync(command, _ => true)).Count > 0;

    /// <summary>Statements before the last one return no rows, so that a reader stands at the last one's.</summary>
    private NpgsqlBatch Take()
    {
        var batch = _batch;
        _batch = new NpgsqlBatch(connection) { Timeout = AnswerSeconds };
        return batch;
    }
}
