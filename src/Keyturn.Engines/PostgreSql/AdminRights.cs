using Npgsql;

namespace Keyturn.Engines.PostgreSql;

/// <summary>What the admin login may do on the server, whichever role is meant. A superuser may do everything, and needs none of the others.</summary>
internal sealed record AdminRights(string Name, bool IsSuperuser, bool MayCreateRoles, bool SeesSessions, bool EndsSessions, bool ReadsVerifiers)
{
    /// <summary>Of <c>pg_roles me</c>, the row of <c>current_user</c>.</summary>
    public const string Columns = """
        me.rolname::text, me.rolsuper, me.rolcreaterole, pg_has_role(me.oid, 'pg_read_all_stats', 'USAGE'), pg_has_role(me.oid, 'pg_signal_backend', 'USAGE'),
        has_column_privilege('pg_authid', 'rolname', 'SELECT') AND has_column_privilege('pg_authid', 'rolpassword', 'SELECT')
        """;

    public const int ColumnCount = 6;

    private const string Query = $"SELECT {Columns} FROM pg_roles me WHERE me.rolname = current_user";

    public static async Task<AdminRights> ReadAsync(AdminConnection connection, CancellationToken cancel) =>
        (await connection.ReadAsync(Query, [], row => Of(row, 0), cancel)).Single();

    public static AdminRights Of(NpgsqlDataReader row, int first) => new(
        row.GetString(first), row.GetBoolean(first + 1), row.GetBoolean(first + 2), row.GetBoolean(first + 3), row.GetBoolean(first + 4), row.GetBoolean(first + 5));

    /// <summary>The admin login's own sessions are its to end, so that recovery needs nothing.</summary>
    public IReadOnlyList<MissingRight> Missing() =>
    [
        .. Lacks(Capability.Reset, CreateRole()),
        .. Lacks(Capability.Readback, Verifiers()),
        .. Lacks(Capability.Accounts, CreateRole()),
        .. Lacks(Capability.Sessions, Sessions()),
        .. Lacks(Capability.Nodes, IsSuperuser || SeesSessions ? [] : [Membership("pg_read_all_stats")]),
    ];

    /// <summary>None where nothing is missing.</summary>
    public static IEnumerable<MissingRight> Lacks(Capability capability, IReadOnlyList<string> statements) =>
        statements.Count == 0 ? [] : [new MissingRight(capability, statements)];

    /// <summary>What changing roles takes.</summary>
    public IReadOnlyList<string> CreateRole() => IsSuperuser || MayCreateRoles ? [] : [$"ALTER ROLE {Quoted} CREATEROLE;"];

    /// <summary>What only a superuser may do.</summary>
    public IReadOnlyList<string> Superuser() => IsSuperuser ? [] : [$"ALTER ROLE {Quoted} SUPERUSER;"];

    /// <summary>Both columns: the second is looked for by the first. Such a grant holds in the database that it was made in, which is where we are.</summary>
    public IReadOnlyList<string> Verifiers() => IsSuperuser || ReadsVerifiers ? [] : [$"GRANT SELECT (rolname, rolpassword) ON pg_authid TO {Quoted};"];

    /// <summary>What seeing other roles' sessions takes, and ending them.</summary>
    public IReadOnlyList<string> Sessions()
    {
        string[] roles = [.. SeesSessions ? (string[])[] : ["pg_read_all_stats"], .. EndsSessions ? (string[])[] : ["pg_signal_backend"]];
        return IsSuperuser || roles.Length == 0 ? [] : [Membership(string.Join(", ", roles))];
    }

    private string Quoted => SqlQuoting.Identifier(Name);

    private string Membership(string roles) => $"GRANT {roles} TO {Quoted};";
}
