using System.Data.Common;

namespace Keyturn.Storage.PostgreSql;

/// <summary>Whether a commit of the store's database outlives the machine that it was made on.</summary>
/// <param name="WaitsFor">The server's <c>synchronous_standby_names</c>: empty means that commits wait for no replica.</param>
/// <param name="Replicas">Replicas that are connected and, where we may see it, are waited for.</param>
/// <param name="IsMeant">Whether the database is replicated at all: it has replicas or slots for them, or the store was given several hosts.</param>
internal sealed record Replication(string WaitsFor, long Replicas, bool IsMeant)
{
    /// <summary>Reads what commits wait for, and nothing else.</summary>
    public const string WaitsForQuery = "SELECT current_setting('synchronous_standby_names')";

    /// <summary>
    /// Reads it, with the store's clock. Of the replicas' state a login without <c>pg_read_all_stats</c> sees nothing but that they are there.
    /// </summary>
    public const string Query =
        """
        SELECT keyturn_now(), current_setting('synchronous_standby_names'),
               (SELECT count(*) FROM pg_stat_replication WHERE sync_state IS NULL OR sync_state IN ('sync', 'quorum')),
               EXISTS (SELECT 1 FROM pg_stat_replication) OR EXISTS (SELECT 1 FROM pg_replication_slots WHERE slot_type = 'physical')
        """;

    /// <summary>Whether commits wait for a replica.</summary>
    public bool IsSynchronous => WaitsFor.Trim().Length > 0;

    /// <summary>Why nothing may be stored that must not be lost; null when it may.</summary>
    public string? Objection(bool allowAsynchronous) => (IsSynchronous, IsMeant) switch
    {
        (true, _) when Replicas == 0 => "The store is not replicated now: its database waits for a replica, and none is connected. Nothing was changed.",
        (false, true) when !allowAsynchronous =>
            "The store's database has replicas, but commits wait for none of them (synchronous_standby_names is empty): a fail-over could lose a password. "
            + "Nothing was changed. Make replication synchronous, or start Keyturn with --allow-asynchronous-store.",
        _ => null,
    };

    /// <summary>What the status says.</summary>
    public string Word => (IsSynchronous, IsMeant) switch
    {
        (true, _) => Replicas > 0 ? "synchronous" : "waiting for a replica",
        (false, true) => "asynchronous",
        _ => "one server",
    };

    public static Replication Read(DbDataReader row, bool severalHosts) => new(row.GetString(1), row.GetInt64(2), severalHosts || row.GetBoolean(3));
}
