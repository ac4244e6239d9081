using System.Text.Json;
using Keyturn.Engines.MySql.Verifiers;
using Keyturn.Instances;
using Keyturn.Wire.MySql;

namespace Keyturn.Engines.MySql;

/// <summary>MariaDB, 10.4 and later: since then accounts are JSON in mysql.global_priv, with alternatives.</summary>
internal sealed class MariaDbFlavor : ServerFlavor
{
    private const string Native = "mysql_native_password";
    private const string Ed25519 = "ed25519";
    private const string Parsec = "parsec";
    private const string CachingSha2 = "caching_sha2_password";
    private const long SuperPrivilege = 1 << 15;

    /// <summary>The largest max_password_errors, which is also the default: no limit.</summary>
    private const long NoLimit = uint.MaxValue;

    public override string Product => "MariaDB";

    public override string Engine => "mariadb";

    public override Version OldestVersion { get; } = new(10, 4);

    public override int LongestUser => 128;

    public override string KillPrivilege => "CONNECTION ADMIN";

    /// <summary>CREATE USER reaches every account.</summary>
    public override string? SystemPrivilege => null;

    public override string AccountTable => "global_priv";

    public override IReadOnlyList<string> AccountColumns { get; } = ["User", "Host", "Priv"];

    public override bool RanksAddressesFirst => false;

    /// <summary>The account tables are no transactional ones.</summary>
    public override bool ChangesAreAtomic => false;

    public override string DefaultPlugin => Native;

    public override string FactsStatement => """
        SELECT 'connection_id' AS name, CONNECTION_ID() AS value
        UNION ALL SELECT 'current_user', CURRENT_USER()
        UNION ALL SELECT 'client', USER()
        UNION ALL SELECT 'start', UNIX_TIMESTAMP() - VARIABLE_VALUE FROM information_schema.GLOBAL_STATUS WHERE VARIABLE_NAME = 'UPTIME'
        UNION ALL SELECT 'validation', PLUGIN_NAME FROM information_schema.PLUGINS
            WHERE PLUGIN_TYPE = 'PASSWORD VALIDATION' AND PLUGIN_STATUS = 'ACTIVE'
        UNION ALL SELECT 'authentication', PLUGIN_NAME FROM information_schema.PLUGINS
            WHERE PLUGIN_TYPE = 'AUTHENTICATION' AND PLUGIN_STATUS = 'ACTIVE'
        UNION ALL SELECT VARIABLE_NAME, VARIABLE_VALUE FROM information_schema.SESSION_VARIABLES
            WHERE VARIABLE_NAME IN ('version', 'server_uid', 'read_only', 'strict_password_validation', 'caching_sha2_password_digest_rounds')
        """;

    public override string AccountsStatement => """
        SELECT User AS user, Host AS host, Priv AS priv, @@global.default_password_lifetime AS default_lifetime, UNIX_TIMESTAMP() AS now,
            @@global.read_only AS read_only, @@global.max_password_errors AS max_errors
        FROM mysql.global_priv
        """;

    /// <summary>Since 11.5; servers before it tell nobody. What too many wrong ones have blocked is no lock: every ALTER USER ends it.</summary>
    public override string FailedLoginsStatement(string user) => $"""
        SELECT Host AS host, 'NO' AS locked, PASSWORD_ERRORS AS failed
        FROM mysql.global_priv JOIN information_schema.USERS AS users ON users.USER = CONCAT('''', global_priv.User, '''@''', Host, '''')
        WHERE global_priv.User = {user}
        """;

    public override string SourcesStatement => "SHOW ALL SLAVES STATUS";

    public override string ReplicasStatement => "SHOW SLAVE HOSTS";

    public override string SourcesPrivilege => "SLAVE MONITOR";

    public override string ReplicasPrivilege => "REPLICATION MASTER ADMIN";

    public override string SourceHost => "Master_Host";

    public override string SourcePort => "Master_Port";

    /// <summary>Account statements of MariaDB wait under max_statement_time only.</summary>
    public override string SessionStatement(TimeSpan statementLimit) =>
        $"SET NAMES utf8mb4, SESSION max_statement_time = {statementLimit.TotalSeconds:F3}";

    public override StoredAccount? ReadAccount(ResultRow row)
    {
        using var json = JsonDocument.Parse(row["priv"] ?? "{}");
        var privilege = new GlobalPrivilege(json.RootElement);
        return privilege.IsRole ? null : ReadAccount(row, privilege);
    }

    public override PasswordVerifier? VerifierOf(string plugin, ServerFacts server) => plugin switch
    {
        Native => new NativePasswordVerifier(),
        Ed25519 => new Ed25519Verifier(),
        Parsec => new ParsecVerifier(),
        CachingSha2 => CachingSha2Verifier.Of(server),
        _ => null,
    };

    /// <summary>
    /// Seen of 11.8.9: over TLS the server drops the connection once parsec has refused a signature and another method is next, unless the
    /// answer to that has come already. Only the first parsec password is let in for sure.
    /// </summary>
    public override string? ObstacleToKeeping(string plugin) =>
        plugin == Parsec ? "over TLS, MariaDB may close the connection when parsec has refused one password, in place of trying the other" : null;

    /// <summary>
    /// A statement a row: with several, MariaDB changes some and refuses others. Each names all of the row's methods, because IDENTIFIED
    /// BY drops every other, and SET PASSWORD changes only the first.
    /// </summary>
    public override IReadOnlyList<string> AlterStatements(IReadOnlyList<NewMethods> rows, StatusFlags session) =>
        [.. rows.Select(row => $"ALTER USER {Clause(row, session)}")];

    /// <summary>
    /// Alternatives of the same plugin: the new password's, tried first, and the old one's as it is stored. Others of these plugins go.
    /// </summary>
    public override IReadOnlyList<string> KeepStatements(IReadOnlyList<OverlapRow> rows, Func<string, NewMethod> newMethod, StatusFlags session) =>
        AlterStatements([.. rows.Select(row => new NewMethods(row.Name, [.. WithOld(row, newMethod)]))], session);

    public override IReadOnlyList<string> DiscardStatements(IReadOnlyList<OverlapRow> rows, StatusFlags session) => AlterStatements(
        [.. from row in rows
            where row.Has(Owner.Old)
            select new NewMethods(row.Name, [.. row.Methods.Where(method => method.Owner != Owner.Old).Select(method => NewMethod.Of(method.Method))])],
        session);

    public override string CreateStatement(NewMethods row, StatusFlags session) => $"CREATE USER {Clause(row, session)}";

    public override IReadOnlyList<string> DropStatements(IReadOnlyList<StoredAccount> rows) =>
        [.. rows.Select(row => $"DROP USER {SqlText.Account(row.Name)}")];

    private static IEnumerable<NewMethod> WithOld(OverlapRow row, Func<string, NewMethod> newMethod)
    {
        var renewed = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (method, owner) in row.Methods)
        {
            if (owner != Owner.None && renewed.Add(method.Plugin))
            {
                yield return newMethod(method.Plugin);
            }

            if (owner is Owner.None or Owner.Old)
            {
                yield return NewMethod.Of(method);
            }
        }
    }

    private static string Clause(NewMethods row, StatusFlags session)
    {
        var methods = row.Methods.Select(method => SqlText.Identifier(method.Plugin) + method switch
        {
            { IsClear: true } => $" USING PASSWORD({SqlText.Literal(method.Text, session)})",
            { Text: "" } => "",
            _ => $" USING {SqlText.Literal(method.Text, session)}",
        }).Distinct(StringComparer.Ordinal);
        return $"{SqlText.Account(row.Row)} IDENTIFIED VIA {string.Join(" OR ", methods)}";
    }

    private static StoredAccount ReadAccount(ResultRow row, GlobalPrivilege privilege) => new()
    {
        Name = new AccountName(row["user"] ?? "", row["host"] ?? ""),
        Methods = [.. Methods([.. privilege.Methods()])],
        IsLocked = privilege.IsLocked,
        Lockout = long.Parse(row["max_errors"] ?? "0") is > 0 and < NoLimit and var after ? new Lockout(after, Failed: null) : null,
        IsPasswordExpired = privilege.IsPasswordExpired(
            now: long.Parse(row["now"] ?? "0"), defaultLifetime: long.Parse(row["default_lifetime"] ?? "0")),
        RequiredTls = privilege.RequiredTls,
        IsAdmin = (privilege.Access & SuperPrivilege) != 0,
    };

    /// <summary>
    /// A native method beside others whose text is no hash ("invalid", as Debian writes it beside unix_socket) lets nobody in, and is not to
    /// begin to.
    /// </summary>
    private static IEnumerable<StoredMethod> Methods(IReadOnlyList<(string Plugin, string Stored)> methods) =>
        from method in methods
        let isBlocked = methods.Count > 1 && method.Plugin == Native && method.Stored is not ("" or ['*', ..])
        select new StoredMethod(method.Plugin, method.Stored, IsByPassword: !isBlocked && method.Plugin is Native or Ed25519 or Parsec or CachingSha2);
}
