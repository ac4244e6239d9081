namespace Keyturn.Crash.Treatments;

/// <summary>What Keyturn goes through, in this order. The peer's figures are those of the same treatment; docs/how-it-works.md says of what peer.</summary>
internal static class AllTreatments
{
    /// <summary>What one Keyturn goes through on its own, or several that share a store.</summary>
    public static IReadOnlyList<Treatment> For(int nodes) => nodes > 1 ? OfNodes : List;

    private static readonly IReadOnlyList<Treatment> List =
    [
        new("kill", "kill -9 in a storm", "wrong after 8 of 14 kills, right again 5–8 s later; with its file store after 5 of 6, and 2 records destroyed", Kills.RunAsync),
        new("hop", "kill -9 at each hop", "not tried: its hops cannot be named", Hops.RunAsync),
        new("database", "server killed and restarted in a storm", "in 4 runs each, wrong right after in 1 (PostgreSQL) and 2 (MariaDB); of 100 told \"failed\" all 100 changed later", DatabaseKills.RunAsync),
        new("cut", "connections cut in a storm", "not tried", Cuts.RunAsync),
        new("hangup", "callers that hang up after 5, 20, 40 ms", "of 400 calls each, wrong right after: 7, 6, 8", HangUps.RunAsync),
        new("two", "two callers on the same account", "200 of 400 told \"failed\", and done; one wrong for good in 6 storms", SameAccount.ByTwoAsync),
        new("four", "four callers on the same account", "600 of 800 told \"failed\", and done; up to 7 wrong for good in a storm", SameAccount.ByFourAsync),
        new("lock-postgresql", "one PostgreSQL account's row locked", "three resets of others took 13.07 s each, of 15 s", LockedRow.PostgreSqlAsync),
        new("lock-mariadb", "MariaDB's table of accounts locked", "not tried", LockedRow.MariaDbAsync),
        new("waiting", "statements that wait for a lock when Keyturn is killed", "not tried; up to 63 resets told \"failed\" were done after a restart", WaitingStatements.RunAsync),
        new("late", "statements of a killed Keyturn that arrive later", "not tried", LateStatements.RunAsync),
        new("full", "the store's disk is full", "not tried", FullDisk.RunAsync),
        new("read-only", "the store's folder is read-only", "not tried", ReadOnlyFolder.RunAsync),
    ];

    private static readonly IReadOnlyList<Treatment> OfNodes =
    [
        new("kill", "kill -9 of one node after the other, in a storm", "not tried", NodeKills.KillAsync),
        new("kill-all", "kill -9 of all nodes at once", "wrong after 8 of 14 kills", NodeKills.KillAllAsync),
        new("freeze", "a node stands still for longer than its leases, then goes on", "not tried", NodeKills.FreezeAsync),
        new("database", "server killed and restarted in a storm", "wrong right after in 3 of 8 runs; of 100 told \"failed\" all 100 changed later", DatabaseKills.RunAsync),
        new("hangup", "callers that hang up after 5, 20, 40 ms", "of 400 calls each, wrong right after: 7, 6, 8", HangUps.RunAsync),
        new("two", "two callers on the same account, at two nodes", "200 of 400 told \"failed\", and done; one wrong for good in 6 storms", SameAccount.ByTwoAsync),
        new("four", "four callers on the same account, at three nodes", "600 of 800 told \"failed\", and done; up to 7 wrong for good in a storm", SameAccount.ByFourAsync),
        new("primary-kill", "kill -9 of the store's primary", "not tried", StoreKills.KillPrimaryAsync),
        new("primary-freeze", "the store's primary stands still until it is replaced, then goes on", "not tried", StoreKills.FreezePrimaryAsync),
        new("primary-orphan", "kill -9 of what governs the store's primary, which goes on as if it were one", "not tried", StoreKills.OrphanPrimaryAsync),
        new("standbys-away", "both of the store's standbys are away", "not tried", StoreKills.TakeStandbysAwayAsync),
    ];
}
