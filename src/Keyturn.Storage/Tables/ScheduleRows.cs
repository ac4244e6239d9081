using System.Data.Common;
using Keyturn.Engines;
using Keyturn.Rotations;

namespace Keyturn.Storage.Tables;

/// <summary>Rows of schedules.</summary>
internal static class ScheduleRows
{
    private const string Columns = "account_id, every_days, due_at, next_attempt_at, failed_attempts, failed_at, error, detail, reset_id";

    /// <summary>Of one instance, in one pass of one node.</summary>
    private const int DuePerInstance = 2;

    public static ValueTask<RotationSchedule?> FindAsync(StoreSession session, Guid accountId) =>
        session.FirstAsync($"SELECT {Columns} FROM schedules WHERE account_id = $account", Read, ("$account", accountId));

    public static ValueTask<List<RotationSchedule>> ListAsync(StoreSession session, Guid instanceId) => session.QueryAsync(
        $"SELECT {Columns} FROM accounts a JOIN schedules s ON s.account_id = a.id WHERE a.instance_id = $instance",
        Read,
        ("$instance", instanceId));

    /// <summary>Those of the accounts from one id to another.</summary>
    public static ValueTask<List<RotationSchedule>> ListAsync(StoreSession session, Guid first, Guid last) => session.QueryAsync(
        $"SELECT {Columns} FROM schedules WHERE account_id >= $first AND account_id <= $last",
        Read,
        ("$first", first), ("$last", last));

    /// <summary>Looks at those that fail only.</summary>
    public static async ValueTask<IReadOnlyDictionary<Guid, int>> CountFailingAsync(StoreSession session, Guid projectId) => (await session.QueryAsync(
        """
        SELECT instances.id, count(*) FROM schedules INDEXED BY schedules_failing
        JOIN accounts ON accounts.id = schedules.account_id JOIN instances ON instances.id = accounts.instance_id
        WHERE failed_attempts > 0 AND project_id = $project GROUP BY instances.id
        """,
        row => (Instance: row.Id(0), Count: row.GetInt32(1)),
        ("$project", projectId))).ToDictionary(line => line.Instance, line => line.Count);

    public static ValueTask<bool> IsDueAtAsync(StoreSession session, Guid accountId, DateTimeOffset due) =>
        session.AnyAsync("SELECT 1 FROM schedules WHERE account_id = $account AND due_at = $due", ("$account", accountId), ("$due", due));

    /// <summary>See <see cref="IScheduleStore.ListDueAsync"/>. Looks at what is due only.</summary>
    public static ValueTask<List<RotationSchedule>> ListDueAsync(StoreSession session, int limit, DateTimeOffset now) => session.QueryAsync(
        $"""
        SELECT {Columns} FROM (
            SELECT schedules.*, row_number() OVER (PARTITION BY a.instance_id ORDER BY schedules.next_attempt_at, schedules.account_id) AS place
            FROM schedules JOIN accounts a ON a.id = schedules.account_id
            WHERE schedules.next_attempt_at <= $now AND a.unverified_since IS NULL
              AND NOT EXISTS (SELECT 1 FROM resets r WHERE r.account_id = a.id AND r.state IN ('Prepared', 'Undecided'))
        ) due
        WHERE place <= $perInstance ORDER BY place, next_attempt_at LIMIT $limit
        """,
        Read,
        ("$now", now), ("$perInstance", DuePerInstance), ("$limit", limit));

    /// <summary>Of whatever there was before, nothing stays.</summary>
    public static async ValueTask SetAsync(StoreSession session, Guid accountId, int everyDays, DateTimeOffset now)
    {
        await ClearAsync(session, accountId);
        await session.RunAsync(
            "INSERT INTO schedules (account_id, every_days, due_at, next_attempt_at) VALUES ($account, $days, $due, $due)",
            ("$account", accountId), ("$days", (long)everyDays), ("$due", now + TimeSpan.FromDays(everyDays)));
    }

    public static async ValueTask<bool> ClearAsync(StoreSession session, Guid accountId) =>
        await session.ExecuteAsync("DELETE FROM schedules WHERE account_id = $account", ("$account", accountId)) == 1;

    /// <summary>The account has a new password since now: what was due is done, or no longer wanted.</summary>
    public static ValueTask CountFromAsync(StoreSession session, Guid accountId, int everyDays, DateTimeOffset now) => session.RunAsync(
        """
        UPDATE schedules
        SET due_at = $due, next_attempt_at = $due, failed_attempts = 0, failed_at = NULL, error = NULL, detail = NULL, reset_id = NULL
        WHERE account_id = $account
        """,
        ("$account", accountId), ("$due", now + TimeSpan.FromDays(everyDays)));

    public static async ValueTask<bool> TryTakeAsync(StoreSession session, RotationSchedule due, DateTimeOffset now, TimeSpan lease) => await session.ExecuteAsync(
        "UPDATE schedules SET next_attempt_at = $until WHERE account_id = $account AND due_at = $due AND next_attempt_at <= $now",
        ("$account", due.AccountId), ("$due", due.DueAt), ("$now", now), ("$until", now + lease)) == 1;

    public static ValueTask FailAsync(StoreSession session, RotationSchedule due, RotationFailure failure, DateTimeOffset next) => session.RunAsync(
        """
        UPDATE schedules
        SET next_attempt_at = CASE WHEN $next > due_at THEN $next ELSE due_at END, failed_attempts = failed_attempts + 1, failed_at = $now, error = $error, detail = $detail, reset_id = $reset
        WHERE account_id = $account AND due_at = $due
        """,
        ("$account", due.AccountId),
        ("$due", due.DueAt),
        ("$next", next),
        ("$now", failure.At),
        ("$error", failure.Failure.Error),
        ("$detail", failure.Failure.Detail),
        ("$reset", failure.ResetId));

    /// <summary>Nothing is due before that time.</summary>
    public static ValueTask PutOffAsync(StoreSession session, DateTimeOffset time) =>
        session.RunAsync("UPDATE schedules SET due_at = $time, next_attempt_at = $time WHERE due_at < $time", ("$time", time));

    private static RotationSchedule Read(DbDataReader row) => new(row.Id(0), row.GetInt32(1), row.Time(2))
    {
        NextAttemptAt = row.Time(3),
        FailedAttempts = row.GetInt32(4),
        LastFailure = row.OptionalTime(5) is { } at ? new RotationFailure(at, new Failure(row.Member<EngineError>(6), row.GetString(7)), row.OptionalId(8)) : null,
    };
}
