using Keyturn.Instances;
using Keyturn.Wire.MySql;

namespace Keyturn.Engines.MySql;

/// <summary>Who is logged in as a user. The servers do not say since when, but number sessions in the order of their opening.</summary>
internal sealed class SessionList(AdminConnection connection, AccountReader accounts, AdminGrants grants, ServerSession own)
{
    public async ValueTask<Answer<IReadOnlyList<AccountSession>>> ReadAsync(AccountName account, CancellationToken cancel)
    {
        if (!grants.SeesAllSessions)
        {
            return grants.Lacking("The admin login is shown its own sessions only.", grants.Statement("PROCESS"));
        }

        if (account.Host is not null && await RefuseRowAsync(account, cancel) is { } untold)
        {
            return untold;
        }

        var listed = await connection.QueryAsync(
            $"SELECT ID AS id, USER AS user FROM information_schema.PROCESSLIST WHERE USER = {SqlText.Literal(account.User, connection.Status)}", QueryLimits.List, cancel);
        return listed.Value switch
        {
            null => listed.Failure!,
            { Error: { } refused } => StatementOutcome.Of(refused, grants),

            // Compared again here: the collation takes some names for others.
            { Rows: var rows } => Answer.Of<IReadOnlyList<AccountSession>>(
            [
                .. rows.Where(row => row["user"] == account.User && row["id"] != own.Id)
                    .Select(row => new AccountSession(own with { Id = row["id"] ?? "" }, Age: null)),
            ]),
        };
    }

    /// <summary>A session's user is shown, and where it comes from, but not by which of the user's rows it was let in.</summary>
    private async ValueTask<Failure?> RefuseRowAsync(AccountName account, CancellationToken cancel)
    {
        var read = await accounts.ReadAsync(account with { Host = null }, cancel);
        return read.Value switch
        {
            null => read.Failure,
            { Count: > 1 } => new Failure(EngineError.Unsupported, $"{account.User} has several rows, and the server does not say by which of them a session came in: ask for the user."),
            _ => null,
        };
    }
}
