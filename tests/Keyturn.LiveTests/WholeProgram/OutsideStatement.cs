namespace Keyturn.LiveTests.WholeProgram;

/// <summary>What somebody does to an account on the server, behind Keyturn's back: each in the engine's own words.</summary>
internal static class OutsideStatement
{
    public static string[] CreateAdmin(string engine, LabLogin admin) =>
        [.. CreatePowerless(engine, admin), engine switch
        {
            "postgresql" => $"ALTER ROLE {admin.User} CREATEROLE",
            "mysql" or "mariadb" => $"GRANT CREATE USER ON *.* TO {admin.User}@'%'",
            _ => $"ACL SETUSER {admin.User} +@all",
        }];

    /// <summary>An admin that may look, and change nothing.</summary>
    public static string[] CreatePowerless(string engine, LabLogin admin) => engine switch
    {
        "postgresql" => [$"CREATE ROLE {admin.User} LOGIN PASSWORD '{admin.Password}'"],
        "mysql" or "mariadb" => [$"CREATE USER {admin.User}@'%' IDENTIFIED BY '{admin.Password}'", $"GRANT SELECT ON mysql.* TO {admin.User}@'%'"],
        _ => [$"ACL SETUSER {admin.User} on >{admin.Password} +info +config|get +acl|getuser +acl|dryrun"],
    };

    public static string SetPassword(string engine, string user, string password) => engine switch
    {
        "postgresql" => $"ALTER ROLE {user} PASSWORD '{password}'",
        "mysql" or "mariadb" => $"ALTER USER {user}@'%' IDENTIFIED BY '{password}'",
        _ => $"ACL SETUSER {user} resetpass >{password}",
    };

    public static string Lock(string engine, string user) => engine switch
    {
        "postgresql" => $"ALTER ROLE {user} NOLOGIN",
        "mysql" or "mariadb" => $"ALTER USER {user}@'%' ACCOUNT LOCK",
        _ => $"ACL SETUSER {user} off",
    };

    public static string Unlock(string engine, string user) => engine switch
    {
        "postgresql" => $"ALTER ROLE {user} LOGIN",
        "mysql" or "mariadb" => $"ALTER USER {user}@'%' ACCOUNT UNLOCK",
        _ => $"ACL SETUSER {user} on",
    };
}
