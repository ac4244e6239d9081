using Keyturn.Instances;
using Npgsql;

namespace Keyturn.Engines.PostgreSql;

/// <summary>A role, as <c>pg_roles</c> shows it to everybody.</summary>
internal sealed record RoleReading(string Name, bool CanLogin, bool IsSuperuser, bool MayCreateRoles, bool IsReplication, int ConnectionLimit, bool IsExpired)
{
    public const string Columns =
        "r.rolname::text, r.rolcanlogin, r.rolsuper, r.rolcreaterole, r.rolreplication, r.rolconnlimit, coalesce(r.rolvaliduntil < now(), false)";

    public const int ColumnCount = 7;

    public static RoleReading Of(NpgsqlDataReader row) => new(
        row.GetString(0), row.GetBoolean(1), row.GetBoolean(2), row.GetBoolean(3), row.GetBoolean(4), row.GetInt32(5), row.GetBoolean(6));

    public AccountRow ToRow() => new()
    {
        Name = new AccountName(Name),
        Method = "password",
        IsAdmin = IsSuperuser || MayCreateRoles,
        LoginObstacle = Obstacle,
        Remarks = [.. Remarks()],
    };

    // The server looks at a login in another order (it calls an expired password wrong); the first that a person has to mend comes first.
    private EngineError Obstacle => this switch
    {
        { CanLogin: false } => EngineError.LoginNotPermitted,
        { IsExpired: true } => EngineError.AccountExpired,
        { ConnectionLimit: 0, IsSuperuser: false } => EngineError.ConnectionLimit,
        _ => EngineError.None,
    };

    private IEnumerable<string> Remarks()
    {
        if (IsSuperuser)
        {
            yield return "superuser";
        }

        if (IsReplication)
        {
            yield return "replication: standbys that log in with it need the new password";
        }

        if (IsExpired)
        {
            yield return "VALID UNTIL is past: the server refuses the right password in the words of a wrong one";
        }
    }
}
