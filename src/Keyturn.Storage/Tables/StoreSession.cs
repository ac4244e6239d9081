using System.Data.Common;
using Keyturn.Storage.Chain;

namespace Keyturn.Storage.Tables;

/// <summary>
/// One transaction's view of a store, whichever database holds it. For one caller at a time. Statements are in the SQL that SQLite and
/// PostgreSQL share, with parameters named <c>$name</c>; values go both ways by <see cref="Columns"/>.
/// </summary>
internal abstract class StoreSession
{
    /// <summary>What appends audit rows; null where the store is only read, or copied.</summary>
    public AuditPen? Pen { get; set; }

    /// <summary>The store's clock, as it was when the transaction began or first asked.</summary>
    public abstract ValueTask<DateTimeOffset> NowAsync();

    /// <summary>Until the transaction ends nobody else changes the account, its secrets or its resets, or removes its instance. Nothing if it is not stored.</summary>
    public abstract ValueTask LockAccountAsync(Guid accountId);

    /// <summary>The same, but never waits: false if another has it, or it is not stored.</summary>
    public abstract ValueTask<bool> TryLockAccountAsync(Guid accountId);

    /// <summary>The same for the account of a reset.</summary>
    public abstract ValueTask LockAccountOfAsync(Guid resetId);

    /// <summary>The same for the account of a reset, but never waits: false if another has it.</summary>
    public abstract ValueTask<bool> TryLockAccountOfAsync(Guid resetId);

    /// <summary>Until the transaction ends nobody else changes or removes the instance, or gives it accounts.</summary>
    public abstract ValueTask LockInstanceAsync(Guid instanceId);

    /// <summary>Until the transaction ends nobody else registers, changes or removes an instance.</summary>
    public abstract ValueTask LockRegistrationsAsync();

    /// <summary>A chain of audit rows that nobody holds any more, and that nobody else takes on before the transaction ends; never waits.</summary>
    public abstract ValueTask<Guid?> TryLockEndedChainAsync(DateTimeOffset now);

    /// <summary>Runs a statement; returns the number of changed rows.</summary>
    public abstract ValueTask<int> ExecuteAsync(string sql, params ReadOnlySpan<(string Name, object? Value)> parameters);

    /// <summary>Runs a statement whose number of changed rows nobody asks for: at the latest with the next one, or with the commit.</summary>
    public abstract ValueTask RunAsync(string sql, params ReadOnlySpan<(string Name, object? Value)> parameters);

    /// <summary>All rows.</summary>
    public abstract ValueTask<List<T>> QueryAsync<T>(string sql, Func<DbDataReader, T> read, params ReadOnlySpan<(string Name, object? Value)> parameters);

    /// <summary>The first row; null when there is none.</summary>
    public abstract ValueTask<T?> FirstAsync<T>(string sql, Func<DbDataReader, T> read, params ReadOnlySpan<(string Name, object? Value)> parameters)
        where T : class;

    /// <summary>The id in the first row; null when there is none.</summary>
    public abstract ValueTask<Guid?> FirstIdAsync(string sql, params ReadOnlySpan<(string Name, object? Value)> parameters);

    /// <summary>The number in the first row; null when there is none.</summary>
    public abstract ValueTask<long?> FirstNumberAsync(string sql, params ReadOnlySpan<(string Name, object? Value)> parameters);

    /// <summary>Whether there is a row.</summary>
    public abstract ValueTask<bool> AnyAsync(string sql, params ReadOnlySpan<(string Name, object? Value)> parameters);
}
