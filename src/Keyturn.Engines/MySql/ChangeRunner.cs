using Keyturn.Instances;
using Keyturn.Wire.MySql;

namespace Keyturn.Engines.MySql;

/// <summary>Sends the statements of a change, one after the other, and says what became of them.</summary>
internal sealed class ChangeRunner(AdminConnection connection, AccountReader accounts, ServerFlavor flavor, AdminGrants grants)
{
    /// <summary>Applied once all are. If some are and the next is refused, the whole is unknown: it is no longer what it was.</summary>
    public async ValueTask<ChangeResult> RunAsync(IReadOnlyList<string> statements, AccountName account, CancellationToken cancel)
    {
        for (var done = 0; done < statements.Count; done++)
        {
            var result = await SendAsync(statements[done], account, cancel);
            if (result.Change != Change.Applied)
            {
                return done == 0 ? result : Partly(result.Failure!, done, statements.Count);
            }
        }

        return ChangeResult.Applied;
    }

    private async ValueTask<ChangeResult> SendAsync(string statement, AccountName account, CancellationToken cancel)
    {
        if (connection.WhyNotSent(cancel) is { } notSent)
        {
            return new ChangeResult(Change.NotSent, notSent);
        }

        var answer = await connection.QueryAsync(statement, QueryLimits.Few, cancel);
        return answer.Value switch
        {
            null => new ChangeResult(Change.Unknown, answer.Failure),
            { Error: null } => ChangeResult.Applied,
            { Error: { Code: MySqlErrorCode.CannotUser } error } => new ChangeResult(Change.Refused, await ExplainAsync(error, account, cancel)),
            { Error: { } error } => Refused(error),
        };
    }

    /// <summary>An interrupted statement of a server without transactions may have come halfway.</summary>
    private ChangeResult Refused(ErrPacket error)
    {
        var failure = StatementOutcome.Of(error, grants);
        if (flavor.ChangesAreAtomic || error.Code is not (MySqlErrorCode.StatementTimeout or MySqlErrorCode.QueryInterrupted))
        {
            return new ChangeResult(Change.Refused, failure);
        }

        connection.GiveUp();
        return new ChangeResult(Change.Unknown, failure);
    }

    private ChangeResult Partly(Failure failure, int done, int count)
    {
        connection.GiveUp();
        return new ChangeResult(Change.Unknown, failure with { Detail = $"{done} of {count} statements were carried out, then: {failure.Detail}" });
    }

    /// <summary>
    /// Both servers say 1396 for an account that is missing, or there already. MariaDB says it for everything else too, and the reason in its
    /// warnings.
    /// </summary>
    private async ValueTask<Failure> ExplainAsync(ErrPacket error, AccountName account, CancellationToken cancel)
    {
        var warnings = await connection.QueryAsync("SHOW WARNINGS", QueryLimits.Few, cancel);
        foreach (var row in warnings.Value?.Rows ?? [])
        {
            var reason = new ErrPacket(int.TryParse(row["Code"], out var code) ? code : 0, row["Message"] ?? "");
            if (reason.Code == MySqlErrorCode.NotValidPassword)
            {
                return new Failure(EngineError.PasswordRefusedByServer, $"{reason.Code}: {reason.Message}");
            }

            if (reason.Code == MySqlErrorCode.OptionPreventsStatement)
            {
                return new Failure(EngineError.SendModeRefused, $"{reason.Code}: {reason.Message}");
            }
        }

        var rows = await accounts.ReadAsync(account, cancel);
        return rows.Value switch
        {
            [] => PasswordPlan.Missing(account),
            _ when error.Message.Contains("CREATE USER", StringComparison.Ordinal) => new Failure(EngineError.AccountExists, $"There is an account {account} already."),
            _ => new Failure(EngineError.ServerError, $"{error.Code}: {error.Message}"),
        };
    }
}
