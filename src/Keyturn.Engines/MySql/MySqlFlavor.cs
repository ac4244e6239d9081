using System.Text;
using System.Text.Json;
using Keyturn.Engines.MySql.Verifiers;
using Keyturn.Instances;
using Keyturn.Wire.MySql;

namespace Keyturn.Engines.MySql;

/// <summary>Oracle MySQL, 8.0.14 and later: since then an account can have two passwords.</summary>
internal sealed class MySqlFlavor : ServerFlavor
{
    private const string CachingSha2 = "caching_sha2_password";

    public override string Product => "MySQL";

    public override string Engine => "mysql";

    public override Version OldestVersion { get; } = new(8, 0, 14);

    public override int LongestUser => 32;

    public override string KillPrivilege => "CONNECTION_ADMIN";

    public override string? SystemPrivilege => "SYSTEM_USER";

    public override string AccountTable => "user";

    public override IReadOnlyList<string> AccountColumns { get; } =
    [
        "User", "Host", "plugin", "authentication_string", "account_locked", "ssl_type", "Super_priv", "User_attributes", "password_expired",
        "password_last_changed", "password_lifetime",
    ];

    public override bool RanksAddressesFirst => true;

    public override bool ChangesAreAtomic => true;

    public override string DefaultPlugin => CachingSha2;

    public override string FactsStatement => """
        SELECT 'connection_id' AS name, CONNECTION_ID() AS value
        UNION ALL SELECT 'current_user', CURRENT_USER()
        UNION ALL SELECT 'client', USER()
        UNION ALL SELECT 'start', UNIX_TIMESTAMP() - VARIABLE_VALUE FROM performance_schema.global_status WHERE VARIABLE_NAME = 'Uptime'
        UNION ALL SELECT 'validation', 'validate_password' FROM performance_schema.session_variables
            WHERE VARIABLE_NAME IN ('validate_password.policy', 'validate_password_policy')
        UNION ALL SELECT VARIABLE_NAME, VARIABLE_VALUE FROM performance_schema.session_variables
            WHERE VARIABLE_NAME IN ('version', 'server_uuid', 'read_only', 'super_read_only', 'caching_sha2_password_digest_rounds')
        """;

    public override string AccountsStatement => """
        SELECT User AS user, Host AS host, plugin, authentication_string, account_locked, ssl_type, Super_priv, User_attributes,
            (password_expired = 'Y' OR NOW() > password_last_changed
                + INTERVAL NULLIF(IFNULL(password_lifetime, @@global.default_password_lifetime), 0) DAY) AS expired,
            @@global.read_only AS read_only
        FROM mysql.user
        """;

    /// <summary>Seen of 9.7; servers before it tell nobody.</summary>
    public override string FailedLoginsStatement(string user) => $"""
        SELECT HOST AS host, LOCKED AS locked, FAILED_LOGIN_ATTEMPTS - REMAINING_LOGIN_ATTEMPTS AS failed
        FROM performance_schema.temporary_account_locks WHERE USER = {user}
        """;

    public override string SourcesStatement => "SHOW REPLICA STATUS";

    public override string ReplicasStatement => "SHOW REPLICAS";

    public override string SourcesPrivilege => "REPLICATION CLIENT";

    public override string ReplicasPrivilege => "REPLICATION SLAVE";

    public override string SourceHost => "Source_Host";

    public override string SourcePort => "Source_Port";

    /// <summary>Account statements wait for the account cache under the first limit, for rows of mysql.user under the second.</summary>
    public override string SessionStatement(TimeSpan statementLimit)
    {
        var seconds = Math.Max(1, (int)Math.Ceiling(statementLimit.TotalSeconds));
        return $"SET NAMES utf8mb4, SESSION lock_wait_timeout = {seconds}, SESSION innodb_lock_wait_timeout = {seconds}";
    }

    public override StoredAccount? ReadAccount(ResultRow row) => new()
    {
        Name = new AccountName(row["user"] ?? "", row["host"] ?? ""),
        Methods = [ReadMethod(row["plugin"] ?? "", row["authentication_string"] ?? "")],
        Retained = ReadAttribute(row["User_attributes"], attributes => attributes.TryGetProperty("additional_password", out var retained) ? retained.GetString() : null),
        IsLocked = row["account_locked"] == "Y",
        Lockout = ReadAttribute(row["User_attributes"], ReadLockout),
        IsPasswordExpired = row["expired"] == "1",
        RequiredTls = row["ssl_type"] switch { null or "" => RequiredTls.None, "ANY" => RequiredTls.Any, _ => RequiredTls.Certificate },
        IsAdmin = row["Super_priv"] == "Y",
    };

    public override PasswordVerifier? VerifierOf(string plugin, ServerFacts server) => plugin switch
    {
        CachingSha2 => CachingSha2Verifier.Of(server),
        "sha256_password" => new Sha256PasswordVerifier(),
        "mysql_native_password" => new NativePasswordVerifier(),
        _ => null,
    };

    /// <summary>
    /// One statement, which MySQL runs wholly or not at all. A plain change keeps an older password that was retained, so that it is discarded in
    /// the same breath; where there is none, nothing happens.
    /// </summary>
    public override IReadOnlyList<string> AlterStatements(IReadOnlyList<NewMethods> rows, StatusFlags session) =>
        [$"ALTER USER {string.Join(", ", rows.Select(row => $"{Clause(row, session)}, {DiscardClause(row.Row)}"))}"];

    /// <summary>
    /// What is retained is the password that is current when the statement runs: a row that has the new one already is not told to retain again.
    /// </summary>
    public override IReadOnlyList<string> KeepStatements(IReadOnlyList<OverlapRow> rows, Func<string, NewMethod> newMethod, StatusFlags session)
    {
        var clauses = rows.Select(row => row switch
        {
            _ when row.Has(Owner.Old) => $"{Clause(new NewMethods(row.Name, [newMethod(row.Methods[0].Method.Plugin)]), session)} RETAIN CURRENT PASSWORD",
            { Retained: not null and not Owner.Old } => DiscardClause(row.Name),
            _ => null,
        });
        return AlterAll(clauses);
    }

    public override IReadOnlyList<string> DiscardStatements(IReadOnlyList<OverlapRow> rows, StatusFlags session) =>
        AlterAll(rows.Select(row => row.Retained is null ? null : DiscardClause(row.Name)));

    public override string CreateStatement(NewMethods row, StatusFlags session) => $"CREATE USER {Clause(row, session)}";

    public override IReadOnlyList<string> DropStatements(IReadOnlyList<StoredAccount> rows) =>
        [$"DROP USER {string.Join(", ", rows.Select(row => SqlText.Account(row.Name)))}"];

    private static string DiscardClause(AccountName row) => $"{SqlText.Account(row)} DISCARD OLD PASSWORD";

    /// <summary>One statement of all clauses; none where there are none.</summary>
    private static string[] AlterAll(IEnumerable<string?> clauses)
    {
        var all = clauses.OfType<string>().ToList();
        return all.Count == 0 ? [] : [$"ALTER USER {string.Join(", ", all)}"];
    }

    private static string Clause(NewMethods row, StatusFlags session)
    {
        var method = row.Methods.Single();
        var secret = method.IsClear
            ? $"BY {SqlText.Literal(method.Text, session)}"
            : $"AS 0x{Convert.ToHexString(Encoding.UTF8.GetBytes(method.Text))}";
        return $"{SqlText.Account(row.Row)} IDENTIFIED WITH {SqlText.Identifier(method.Plugin)} {secret}";
    }

    private static StoredMethod ReadMethod(string plugin, string stored) =>
        new(plugin, stored, IsByPassword: plugin is CachingSha2 or "sha256_password" or "mysql_native_password");

    /// <summary>User_attributes is JSON, or NULL.</summary>
    private static T? ReadAttribute<T>(string? attributes, Func<JsonElement, T?> read)
        where T : class
    {
        if (attributes is null)
        {
            return null;
        }

        using var json = JsonDocument.Parse(attributes);
        return read(json.RootElement);
    }

    /// <summary>Both are needed, the number and the time; a time of -1 is without end.</summary>
    private static Lockout? ReadLockout(JsonElement attributes) =>
        attributes.TryGetProperty("Password_locking", out var locking)
        && locking.TryGetProperty("failed_login_attempts", out var after) && after.GetInt64() > 0
        && locking.TryGetProperty("password_lock_time_days", out var days) && days.GetInt64() != 0
            ? new Lockout(after.GetInt64(), Failed: null)
            : null;
}
