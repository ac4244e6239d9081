using Keyturn.Checks;

namespace Keyturn.Storage.Tables;

/// <summary>Rows of counters of wrong passwords.</summary>
internal static class GuessRows
{
    public static ValueTask<GuessCounter?> FindAsync(StoreSession session, string key) => session.FirstAsync(
        "SELECT key, failures, last_at FROM guesses WHERE key = $key", row => new GuessCounter(row.GetString(0), row.GetInt64(1), row.Time(2)), ("$key", key));

    /// <summary>One more; after a quiet time the first.</summary>
    public static async ValueTask CountAsync(StoreSession session, string key, DateTimeOffset now, DateTimeOffset quietSince) => await session.RunAsync(
        """
        INSERT INTO guesses (key, failures, last_at) VALUES ($key, 1, $now)
        ON CONFLICT (key) DO UPDATE SET failures = CASE WHEN guesses.last_at <= $quiet THEN 1 ELSE guesses.failures + 1 END, last_at = $now
        """,
        ("$key", key), ("$now", now), ("$quiet", quietSince));

    public static ValueTask DeleteAsync(StoreSession session, string key) => session.RunAsync("DELETE FROM guesses WHERE key = $key", ("$key", key));

    /// <summary>Nothing is known of these any more.</summary>
    public static async ValueTask<long> DeleteBeforeAsync(StoreSession session, DateTimeOffset time, long limit) => await session.ExecuteAsync(
        "DELETE FROM guesses WHERE key IN (SELECT key FROM guesses WHERE last_at < $time ORDER BY last_at LIMIT $limit)", ("$time", time), ("$limit", limit));
}
