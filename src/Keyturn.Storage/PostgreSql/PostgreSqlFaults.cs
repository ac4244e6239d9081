using System.Net.Sockets;
using Npgsql;

namespace Keyturn.Storage.PostgreSql;

/// <summary>What PostgreSQL and the way to it report (postgresql.org/docs/current/errcodes-appendix.html) as faults of the store.</summary>
internal static class PostgreSqlFaults
{
    /// <summary>The same transaction, run again, may well end otherwise: another was in its way, or made the row that this one looked for.</summary>
    public static bool IsWorthAnotherTry(this PostgresException error) =>
        error.SqlState is PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.UniqueViolation || error.IsOfAChain();

    /// <summary>The chain of audit rows that was to be appended to is another's by now: another try takes another one.</summary>
    public static bool IsOfAChain(this PostgresException error) => error.ConstraintName is "audit_is_chained" or "audit_by_chain";

    /// <summary>Whether it is sure that the transaction that ended so is not committed, and that its chain is where it was.</summary>
    public static bool WroteNothing(this Exception error) => error is PostgresException answer
        ? answer.SaysNotCommitted() && !answer.IsOfAChain()
        : error is not StoreException { Fault: StoreFault.Unknown } && !error.IsOfTheStore();

    /// <summary>
    /// Whether the server answered that nothing is written. A statement before the commit that ran out of time says so too; a cancelled commit
    /// never does.
    /// </summary>
    public static bool SaysNotCommitted(this Exception error) =>
        error is PostgresException answer && (answer.SqlState == PostgresErrorCodes.QueryCanceled || answer.SqlState[..2] is not ("08" or "57" or "58" or "XX"));

    public static bool IsOfTheStore(this Exception error) => error is NpgsqlException or IOException or SocketException or TimeoutException;

    public static StoreException ToStoreException(this Exception error) => error is not PostgresException answer
        ? Fault(StoreFault.Unreachable, "The store's database cannot be reached", error)
        : answer.SqlState[..2] switch
        {
            "08" => Fault(StoreFault.Unreachable, "The store's database cannot be reached", error),
            "57" when answer.SqlState != PostgresErrorCodes.QueryCanceled => Fault(StoreFault.Unreachable, "The store's database is stopping or starting", error),
            "57" or "55" or "40" => Fault(StoreFault.Busy, "The store's database is busy with other writes of this", error),
            "53" => Fault(answer.SqlState == PostgresErrorCodes.DiskFull ? StoreFault.DiskFull : StoreFault.Busy, "The store's database has no room", error),
            "25" => Fault(StoreFault.ReadOnly, "The store's database cannot be written: it is a replica, or was made read-only", error),
            "58" => Fault(StoreFault.Io, "The store's database had an error of its disk", error),
            "XX" => Fault(StoreFault.Corrupt, "The store's database is damaged", error),
            "23" or "P0" => Fault(StoreFault.Conflict, "The store holds something that contradicts this", error),
            "28" => Fault(StoreFault.Unreachable, "The store's database refuses Keyturn's login", error),
            _ => Fault(StoreFault.Other, "PostgreSQL could not do it", error),
        };

    private static StoreException Fault(StoreFault fault, string sentence, Exception error) => new(fault, $"{sentence} ({error.Message}).", error);
}
