using Keyturn.Instances;
using Npgsql;

namespace Keyturn.Engines.PostgreSql;

/// <summary>The statements that change something, and what became of them.</summary>
/// <param name="connection">Where they run.</param>
/// <param name="canLoop">Whether the admin login may run a block of PL/pgSQL, as everybody may unless it was revoked.</param>
internal sealed class RoleStatements(AdminConnection connection, bool canLoop)
{
    /// <summary>Sets a role's password, by a verifier made here or in clear, or makes the role with it.</summary>
    public async ValueTask<ChangeResult> SetPasswordAsync(PasswordChange change, SendMode send, bool create, CancellationToken cancel)
    {
        var role = SqlQuoting.Identifier(change.Account.User);
        var verb = create ? $"CREATE ROLE {role} LOGIN" : $"ALTER ROLE {role}";
        if (send == SendMode.Clear)
        {
            return await RunAsync($"{verb} PASSWORD {SqlQuoting.Literal(change.Password.Reveal())}", cancel);
        }

        var keys = ScramVerifier.NewKeys(change.Password.Reveal());
        var result = await RunAsync($"{verb} PASSWORD {SqlQuoting.Literal(ScramVerifier.Format(keys))}", cancel);
        return result with { Derived = new PostgreSqlKeys(change.Password, keys) };
    }

    /// <summary>Drops a role; one that owns something is refused by the server, which names what.</summary>
    public ValueTask<ChangeResult> DropAsync(AccountName account, CancellationToken cancel) =>
        RunAsync($"DROP ROLE {SqlQuoting.Identifier(account.User)}", cancel);

    private async ValueTask<ChangeResult> RunAsync(string statement, CancellationToken cancel)
    {
        if (!connection.IsUsable)
        {
            return ChangeResult.NotSent(EngineError.ConnectionLost, "the session is over");
        }

        if (cancel.IsCancellationRequested)
        {
            return ChangeResult.NotSent(EngineError.TimedOut, "no time left");
        }

        try
        {
            await connection.ExecuteAsync(canLoop ? RetriedWhileOthersWrite(statement) : statement, cancel);
            return ChangeResult.Applied;
        }
        catch (Exception error) when (error is NpgsqlException or OperationCanceledException)
        {
            return OutcomeOf(error);
        }
    }

    // Two writers of one role: the server lets the second fail ("tuple concurrently updated", an internal error) instead of wait. The driver drops
    // a session that reports an internal error, and a change may not move to another session, so that the loop is the server's.
    private static string RetriedWhileOthersWrite(string statement) => $"DO {SqlQuoting.Literal($"""
        DECLARE
            problem text;
        BEGIN
            FOR attempt IN 1..20 LOOP
                BEGIN
                    {statement};
                    RETURN;
                EXCEPTION WHEN internal_error THEN
                    problem := SQLERRM;
                    PERFORM pg_sleep(attempt * random() * 0.02);
                END;
            END LOOP;
            RAISE EXCEPTION USING ERRCODE = 'lock_not_available', MESSAGE = problem;
        END
        """)}";

    // An ERROR is the server's word that the statement was rolled back; anything above it ends the session in the middle of things.
    private static ChangeResult OutcomeOf(Exception error)
    {
        var change = error is PostgresException { InvariantSeverity: "ERROR" } ? Change.Refused : Change.Unknown;
        return new ChangeResult(change, PostgreSqlFailures.OfStatement(error));
    }
}
