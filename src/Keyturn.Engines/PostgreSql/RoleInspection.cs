using Keyturn.Instances;
using Npgsql;

namespace Keyturn.Engines.PostgreSql;

/// <summary>How the admin login belongs to a role.</summary>
/// <param name="IsMember">By whatever grant, its own ones to itself left aside.</param>
/// <param name="HasItsRights">Without SET ROLE: then the role's sessions are shown to it, and may be ended.</param>
/// <param name="IsAdmin">WITH ADMIN OPTION.</param>
internal sealed record RoleMembership(bool IsMember, bool HasItsRights, bool IsAdmin);

/// <summary>A role, and what the admin login may do to it.</summary>
internal sealed record RoleInspection(RoleReading? Role, AdminRights Admin, RoleMembership Membership)
{
    private const string Query = $"""
        SELECT {RoleReading.Columns}, {AdminRights.Columns}, coalesce(pg_has_role(me.oid, r.oid, 'MEMBER'), false),
            coalesce(pg_has_role(me.oid, r.oid, 'USAGE'), false), coalesce(pg_has_role(me.oid, r.oid, 'MEMBER WITH ADMIN OPTION'), false)
        FROM pg_roles me LEFT JOIN pg_roles r ON r.rolname = $1 WHERE me.rolname = current_user
        """;

    public static async Task<RoleInspection> ReadAsync(AdminConnection connection, AccountName account, CancellationToken cancel) =>
        (await connection.ReadAsync(Query, [account.User], Of, cancel)).Single();

    /// <param name="needsAdminOption">16 and later: CREATEROLE reaches only roles held with ADMIN OPTION, and replication roles too.</param>
    public Inspection ToInspection(bool needsAdminOption)
    {
        var change = Role is null ? [] : ToChange(Role, needsAdminOption);
        return new Inspection
        {
            Rows = Role is null ? [] : [Role.ToRow()],
            MayChangePassword = Role is null ? null : change.Count == 0,
            Missing = Role is null ? [.. AdminRights.Lacks(Capability.Accounts, Admin.CreateRole())] : Missing(Role, change),
            CanReadBack = Admin.IsSuperuser || Admin.ReadsVerifiers,
        };
    }

    private static RoleInspection Of(NpgsqlDataReader row)
    {
        const int membership = RoleReading.ColumnCount + AdminRights.ColumnCount;
        return new RoleInspection(
            row.IsDBNull(0) ? null : RoleReading.Of(row),
            AdminRights.Of(row, RoleReading.ColumnCount),
            new RoleMembership(row.GetBoolean(membership), row.GetBoolean(membership + 1), row.GetBoolean(membership + 2)));
    }

    private IReadOnlyList<MissingRight> Missing(RoleReading role, IReadOnlyList<string> change) =>
    [
        .. AdminRights.Lacks(Capability.Reset, change),
        .. AdminRights.Lacks(Capability.Readback, Admin.Verifiers()),
        .. AdminRights.Lacks(Capability.Sessions, role.IsSuperuser ? Admin.Superuser() : Membership.HasItsRights ? [] : Admin.Sessions()),
    ];

    /// <summary>Its own password everybody may change.</summary>
    private IReadOnlyList<string> ToChange(RoleReading role, bool needsAdminOption) =>
        Admin.IsSuperuser || role.Name == Admin.Name ? []
        : role.IsSuperuser || (role.IsReplication && !needsAdminOption) ? Admin.Superuser()
        : [.. Admin.CreateRole(), .. Membership.IsAdmin || !needsAdminOption ? (string[])[] : [AdminOption(role)]];

    /// <summary>Whoever is no member yet becomes none that has the role's rights; what a member has is left as it is.</summary>
    private string AdminOption(RoleReading role)
    {
        var option = Membership.IsMember ? "ADMIN OPTION" : "ADMIN TRUE, INHERIT FALSE, SET FALSE";
        return $"GRANT {SqlQuoting.Identifier(role.Name)} TO {SqlQuoting.Identifier(Admin.Name)} WITH {option};";
    }
}
