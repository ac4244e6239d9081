using Keyturn.Instances;
using Npgsql;

namespace Keyturn.Engines.PostgreSql;

/// <summary>A role, and what the admin login may do to it.</summary>
internal sealed record RoleInspection(RoleReading? Role, string Admin, bool IsAdminSuperuser, bool MayAdminCreateRoles, bool HasAdminOption, bool CanReadBack)
{
    private const string Query = $"""
        SELECT {RoleReading.Columns}, me.rolname::text, me.rolsuper, me.rolcreaterole,
            coalesce(pg_has_role(me.oid, r.oid, 'MEMBER WITH ADMIN OPTION'), false), has_column_privilege('pg_authid', 'rolpassword', 'SELECT')
        FROM pg_roles me LEFT JOIN pg_roles r ON r.rolname = $1 WHERE me.rolname = current_user
        """;

    public static async Task<RoleInspection> ReadAsync(AdminConnection connection, AccountName account, CancellationToken cancel) =>
        (await connection.ReadAsync(Query, [account.User], Of, cancel)).Single();

    /// <param name="needsAdminOption">16 and later: CREATEROLE reaches only roles held with ADMIN OPTION, and replication roles too.</param>
    public Inspection ToInspection(bool needsAdminOption)
    {
        var missing = Role is null ? null : MissingGrant(Role, needsAdminOption);
        return new Inspection
        {
            Rows = Role is null ? [] : [Role.ToRow()],
            MayChangePassword = Role is null ? null : missing is null,
            MissingGrant = missing,
            CanReadBack = CanReadBack,
        };
    }

    private static RoleInspection Of(NpgsqlDataReader row)
    {
        const int next = RoleReading.ColumnCount;
        return new RoleInspection(
            row.IsDBNull(0) ? null : RoleReading.Of(row),
            row.GetString(next),
            row.GetBoolean(next + 1),
            row.GetBoolean(next + 2),
            row.GetBoolean(next + 3),
            row.GetBoolean(next + 4));
    }

    private string? MissingGrant(RoleReading role, bool needsAdminOption)
    {
        var admin = SqlQuoting.Identifier(Admin);
        if (IsAdminSuperuser || role.Name == Admin)
        {
            return null;
        }

        if (role.IsSuperuser || (role.IsReplication && !needsAdminOption))
        {
            return $"ALTER ROLE {admin} SUPERUSER";
        }

        string[] missing =
        [
            .. MayAdminCreateRoles ? (string[])[] : [$"ALTER ROLE {admin} CREATEROLE"],
            .. HasAdminOption || !needsAdminOption ? (string[])[] : [$"GRANT {SqlQuoting.Identifier(role.Name)} TO {admin} WITH ADMIN OPTION"],
        ];
        return missing.Length == 0 ? null : string.Join("; ", missing);
    }
}
