using System.Security.Cryptography;
using Keyturn.Instances;
using Npgsql;

namespace Keyturn.Engines.PostgreSql;

/// <summary>The statements that change something, and what became of them.</summary>
internal sealed class RoleStatements(AdminConnection connection, TimeProvider clock)
{
    // One more than resets of one role that could meet: they come from other programs, ours queue.
    private const int MostAttempts = 8;

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
        for (var attempt = 1; ; attempt++)
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
                await connection.ExecuteAsync(statement, cancel);
                return ChangeResult.Applied;
            }
            catch (PostgresException error) when (error.IsConcurrentUpdate() && attempt < MostAttempts)
            {
                // Both will come back: not at the same moment.
                await Task.Delay(TimeSpan.FromMilliseconds(RandomNumberGenerator.GetInt32(5, 50)), clock, CancellationToken.None);
            }
            catch (Exception error) when (error is NpgsqlException or OperationCanceledException)
            {
                return OutcomeOf(error);
            }
        }
    }

    // An ERROR is the server's word that the statement was rolled back; anything above it ends the session in the middle of things.
    private static ChangeResult OutcomeOf(Exception error)
    {
        var change = error is PostgresException { InvariantSeverity: "ERROR" } ? Change.Refused : Change.Unknown;
        return new ChangeResult(change, PostgreSqlFailures.OfStatement(error));
    }
}
