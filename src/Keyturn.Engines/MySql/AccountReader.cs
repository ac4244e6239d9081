using System.Globalization;
using System.Text.Json;
using Keyturn.Instances;
using Keyturn.Wire;
using Keyturn.Wire.MySql;

namespace Keyturn.Engines.MySql;

/// <summary>Reads the account table.</summary>
internal sealed class AccountReader(AdminConnection connection, ServerFlavor flavor, AdminGrants grants, string clientHost)
{
    private readonly AccountRules _rules = new(flavor.LongestUser);

    /// <summary>Whether the server was read-only when it was last read; null when it did not say.</summary>
    public bool? IsReadOnly { get; private set; }

    /// <summary>The rows of one account, by host.</summary>
    public async ValueTask<Answer<IReadOnlyList<StoredAccount>>> ReadAsync(AccountName account, CancellationToken cancel)
    {
        if (_rules.Validate(account) is { } invalid)
        {
            return invalid;
        }

        var all = await QueryAsync($"{flavor.AccountsStatement} WHERE User = {SqlText.Literal(account.User, connection.Status)}", QueryLimits.Few, cancel);

        // Compared again here: the table's collation takes some names for others, and hosts are no matter of case.
        return all.Value is { } rows
            ? Answer.Of<IReadOnlyList<StoredAccount>>([.. rows.Where(row => row.Name.User == account.User
                && (account.Host is null || string.Equals(row.Name.Host, account.Host, StringComparison.OrdinalIgnoreCase)))])
            : all;
    }

    /// <summary>The rows with how many wrong passwords there have been, where those lock the account and the server tells.</summary>
    public async ValueTask<IReadOnlyList<StoredAccount>> WithFailedLoginsAsync(IReadOnlyList<StoredAccount> rows, CancellationToken cancel)
    {
        if (rows.All(row => row.Lockout is null))
        {
            return rows;
        }

        // One that does not know the table, or does not show it, is one that does not tell.
        var answer = await connection.QueryAsync(flavor.FailedLoginsStatement(SqlText.Literal(rows[0].Name.User, connection.Status)), QueryLimits.Few, cancel);
        var told = (answer.Value is { Error: null } result ? result.Rows : []).ToLookup(row => row["host"] ?? "", StringComparer.OrdinalIgnoreCase);
        return [.. rows.Select(row => told[row.Name.Host ?? ""].FirstOrDefault() is { } failed ? With(row, failed) : row)];
    }

    private static StoredAccount With(StoredAccount row, ResultRow told) => row with
    {
        IsLocked = row.IsLocked || told["locked"] == "YES",
        Lockout = row.Lockout is { } lockout && long.TryParse(told["failed"], CultureInfo.InvariantCulture, out var failed) ? lockout with { Failed = failed } : row.Lockout,
    };

    /// <summary>All rows, by name.</summary>
    public ValueTask<Answer<IReadOnlyList<StoredAccount>>> ReadAllAsync(CancellationToken cancel) =>
        QueryAsync(flavor.AccountsStatement, QueryLimits.List, cancel);

    /// <summary>What each grantee may do in which database.</summary>
    public async ValueTask<Answer<ILookup<string, AccountRole>>> ReadRightsAsync(CancellationToken cancel)
    {
        var answer = await connection.QueryAsync(DatabaseRights.Statement, QueryLimits.List, cancel);
        return answer.Value switch
        {
            null => answer.Failure!,
            { Error: { } refused } => StatementOutcome.Of(refused, grants),
            { Rows: var rows } => Answer.Of(rows
                .SelectMany(row => (row["rights"] ?? "").Split(',').Select(right => (Grantee: row["grantee"] ?? "", Right: new AccountRole(right, DatabaseRights.Database(row["name"] ?? "")))))
                .ToLookup(held => held.Grantee, held => held.Right, StringComparer.Ordinal)),
        };
    }

    /// <summary>A row as the information schema calls it, which escapes nothing.</summary>
    public static string Grantee(AccountName row) => $"'{row.User}'@'{row.Host}'";

    private async ValueTask<Answer<IReadOnlyList<StoredAccount>>> QueryAsync(string statement, QueryLimits limits, CancellationToken cancel)
    {
        var answer = await connection.QueryAsync(statement, limits, cancel);
        if (answer.Value is not { } result)
        {
            return answer.Failure!;
        }

        if (result.Error is { } refused)
        {
            return StatementOutcome.Of(refused, grants);
        }

        try
        {
            return Answer.Of(Parse(result.Rows));
        }
        catch (Exception error) when (error is WireException or JsonException or InvalidOperationException or FormatException or OverflowException)
        {
            connection.GiveUp();
            return new Failure(EngineError.ProtocolViolation, error is WireException ? error.Message : "the account table holds something else than an account");
        }
    }

    private IReadOnlyList<StoredAccount> Parse(IReadOnlyList<ResultRow> rows)
    {
        IsReadOnly = rows.Count > 0 ? rows[0]["read_only"] is not (null or "0" or "OFF") : null;
        return [.. rows.Select(flavor.ReadAccount).OfType<StoredAccount>()
            .OrderBy(row => row.Name.User, StringComparer.Ordinal).ThenBy(row => row.Name.Host, StringComparer.Ordinal)
            .GroupBy(row => row.Name.User, StringComparer.Ordinal)
            .SelectMany(user => HostOrder.Mark([.. user], clientHost, flavor.RanksAddressesFirst))];
    }
}
