namespace Keyturn.Engines.MySql;

/// <summary>
/// Rights on databases, which an account can be made with. None reaches beyond its database, and none can be passed on: rights on all databases
/// would be rights on the tables that hold the accounts.
/// </summary>
internal static class DatabaseRights
{
    /// <summary>Asks for all rights on databases, by grantee and database. The collation takes some names for others.</summary>
    public const string Statement = """
        SELECT MIN(GRANTEE) AS grantee, MIN(TABLE_SCHEMA) AS name, GROUP_CONCAT(PRIVILEGE_TYPE) AS rights
        FROM information_schema.SCHEMA_PRIVILEGES GROUP BY CAST(GRANTEE AS BINARY), CAST(TABLE_SCHEMA AS BINARY)
        """;

    private static readonly string[] Known = ["ALTER", "CREATE", "DELETE", "DROP", "INDEX", "INSERT", "SELECT", "UPDATE"];

    private static readonly string[] ServersOwn = ["information_schema", "mysql", "performance_schema", "sys"];

    /// <summary>Why these cannot be granted; null when they can, or only trying tells.</summary>
    public static Failure? Refuse(IReadOnlyList<AccountRole> rights, AdminGrants grants) =>
        rights.Select(right => Refuse(right, grants)).FirstOrDefault(failure => failure is not null);

    /// <summary>A statement a database and row. To grant what is granted already is no error.</summary>
    public static IEnumerable<string> Grants(IReadOnlyList<AccountRole> rights, IEnumerable<Instances.AccountName> rows) =>
        from row in rows
        from database in rights.GroupBy(right => right.Database, StringComparer.Ordinal)
        select $"GRANT {string.Join(", ", database.Select(right => right.Name).Distinct(StringComparer.Ordinal))} ON {On(database.Key)} TO {SqlText.Account(row)}";

    /// <summary>One database in a GRANT, where a name is a pattern.</summary>
    public static string On(string database) =>
        $"{SqlText.Identifier(database.Replace("_", "\\_", StringComparison.Ordinal).Replace("%", "\\%", StringComparison.Ordinal))}.*";

    /// <summary>The database that a pattern is about; a pattern for several stays as it is.</summary>
    public static string Database(string pattern) => pattern.Replace("\\_", "_", StringComparison.Ordinal).Replace("\\%", "%", StringComparison.Ordinal);

    private static Failure? Refuse(AccountRole right, AdminGrants grants) => right switch
    {
        _ when !Known.Contains(right.Name) => new Failure(EngineError.Unsupported, $"An account is made with these rights on a database: {string.Join(", ", Known)}."),
        _ when ServersOwn.Contains(right.Database, StringComparer.OrdinalIgnoreCase) => new Failure(EngineError.Unsupported, $"The database {right.Database} is the server's own."),
        _ when right.Database.Contains('\\', StringComparison.Ordinal) => new Failure(EngineError.InvalidName, "The name of a database cannot hold a backslash here."),
        _ when !grants.MayGrant(right.Name, right.Database) =>
            grants.Lacking("The admin login may not grant this.", grants.Statement(right.Name, On(right.Database), " WITH GRANT OPTION")),
        _ => null,
    };
}
