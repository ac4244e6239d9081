using System.Globalization;
using Npgsql;

namespace Keyturn.Engines.PostgreSql;

/// <summary>Ends another session and waits until the server lists it no more. A pid of another start is another session, and left alone.</summary>
internal static class SessionEnding
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    private const string Query = $"""
        SELECT {ServerReading.BackendStart}, CASE WHEN {ServerReading.BackendStart} = $2 THEN pg_terminate_backend(pid) END
        FROM pg_stat_activity WHERE pid = $1::int
        """;

    private const string IsOfSuperuser = "SELECT FROM pg_stat_activity JOIN pg_roles r ON r.oid = usesysid WHERE pid = $1::int AND r.rolsuper";

    /// <summary>Asks until it is gone; how long is for <paramref name="cancel"/> to say. Null where the server would not: the session is another role's.</summary>
    public static async Task<SessionEndResult?> RunAsync(AdminConnection connection, ServerSession session, TimeProvider clock, CancellationToken cancel)
    {
        if (!int.TryParse(session.Id, NumberStyles.None, CultureInfo.InvariantCulture, out _))
        {
            return NotProved(EngineError.InvalidName, $"{session.Id} is no pid");
        }

        while (true)
        {
            var starts = await connection.ReadAsync(Query, [session.Id, session.Start], Start, cancel);
            switch (starts)
            {
                case []:
                case [{ } start] when start != session.Start:
                    return new SessionEndResult(SessionEnd.Gone);
                case [null]:
                    return null;
                default:
                    await Task.Delay(Pause, clock, cancel);
                    break;
            }
        }
    }

    /// <summary>What ending it would take.</summary>
    public static async Task<SessionEndResult> ExplainAsync(AdminConnection connection, ServerSession session, CancellationToken cancel)
    {
        var rights = await AdminRights.ReadAsync(connection, cancel);
        var isOfSuperuser = (await connection.ReadAsync(IsOfSuperuser, [session.Id], _ => true, cancel)).Count > 0;
        var failure = new Failure(EngineError.AdminLacksPrivilege, "the session is another role's").Lacking(string.Join(' ', isOfSuperuser ? rights.Superuser() : rights.Sessions()));
        return new SessionEndResult(SessionEnd.NotProved, failure);
    }

    public static SessionEndResult NotProved(EngineError error, string detail) => new(SessionEnd.NotProved, new Failure(error, detail));

    // Hidden from a role that may not see other roles' sessions.
    private static string? Start(NpgsqlDataReader row) => row.IsDBNull(0) ? null : row.GetString(0);
}
