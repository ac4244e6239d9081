using Keyturn.Engines.PostgreSql;

namespace Keyturn.Engines.Tests.PostgreSql;

/// <summary>The rules of 15 are live tests too; those of 16 and later stand here.</summary>
public sealed class RoleInspectionTests
{
    private static readonly RoleReading App = new(
        "app", CanLogin: true, IsSuperuser: false, MayCreateRoles: false, IsReplication: false, ConnectionLimit: -1, IsExpired: false);

    private static readonly AdminRights Admin = new(
        "keyturn", IsSuperuser: false, MayCreateRoles: true, SeesSessions: false, EndsSessions: false, ReadsVerifiers: false);

    private static readonly RoleMembership AdminOption = new(IsMember: true, HasItsRights: false, IsAdmin: true);

    private static readonly RoleInspection CreateRole = new(App, Admin, new RoleMembership(IsMember: false, HasItsRights: false, IsAdmin: false));

    [Fact]
    public void MissingGrant_CreateRoleOf15_IsNone() => MissingGrant(CreateRole, needsAdminOption: false).ShouldBeNull();

    [Fact]
    public void MissingGrant_CreateRoleOf16_IsTheAdminOption() =>
        MissingGrant(CreateRole, needsAdminOption: true).ShouldBe("GRANT \"app\" TO \"keyturn\" WITH ADMIN TRUE, INHERIT FALSE, SET FALSE;");

    [Fact]
    public void MissingGrant_AdminOptionOf16_IsNone() => MissingGrant(CreateRole with { Membership = AdminOption }, needsAdminOption: true).ShouldBeNull();

    [Fact]
    public void MissingGrant_NothingOn16_IsBoth() =>
        MissingGrant(CreateRole with { Admin = Admin with { MayCreateRoles = false } }, needsAdminOption: true)
            .ShouldBe("ALTER ROLE \"keyturn\" CREATEROLE; GRANT \"app\" TO \"keyturn\" WITH ADMIN TRUE, INHERIT FALSE, SET FALSE;");

    [Fact]
    public void MissingGrant_ReplicationRoleOf16_IsTheAdminOption() =>
        MissingGrant(CreateRole with { Role = App with { IsReplication = true }, Membership = AdminOption }, needsAdminOption: true).ShouldBeNull();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void MissingGrant_Superuser_IsSuperuser(bool needsAdminOption) =>
        MissingGrant(CreateRole with { Role = App with { IsSuperuser = true }, Membership = AdminOption }, needsAdminOption)
            .ShouldBe("ALTER ROLE \"keyturn\" SUPERUSER;");

    [Fact]
    public void MissingGrant_OneselfOrAsSuperuser_IsNone()
    {
        MissingGrant(CreateRole with { Role = App with { Name = "keyturn" }, Admin = Admin with { MayCreateRoles = false } }, needsAdminOption: true).ShouldBeNull();
        MissingGrant(CreateRole with { Role = App with { IsSuperuser = true }, Admin = Admin with { IsSuperuser = true } }, needsAdminOption: true).ShouldBeNull();
    }

    [Fact]
    public void MissingGrant_MemberOf16_KeepsWhatItsMembershipGives() =>
        MissingGrant(CreateRole with { Membership = new RoleMembership(IsMember: true, HasItsRights: true, IsAdmin: false) }, needsAdminOption: true)
            .ShouldBe("GRANT \"app\" TO \"keyturn\" WITH ADMIN OPTION;");

    [Fact]
    public void Missing_OfTheServer_IsByCapabilityAndNothingForASuperuser()
    {
        var missing = (Admin with { Name = "key\"turn", SeesSessions = true }).Missing();

        missing.Select(right => (right.Capability, right.Grant)).ShouldBe(
        [
            (Capability.Readback, "GRANT SELECT (rolname, rolpassword) ON pg_authid TO \"key\"\"turn\";"),
            (Capability.Sessions, "GRANT pg_signal_backend TO \"key\"\"turn\";"),
        ]);
        (Admin with { IsSuperuser = true, MayCreateRoles = false }).Missing().ShouldBeEmpty();
    }

    [Fact]
    public void Missing_RoleWhoseRightsTheAdminHas_IsNotItsSessions()
    {
        var members = CreateRole with { Membership = AdminOption with { HasItsRights = true } };

        members.ToInspection(needsAdminOption: true).GrantFor(Capability.Sessions).ShouldBeNull();
        CreateRole.ToInspection(needsAdminOption: true).GrantFor(Capability.Sessions).ShouldBe("GRANT pg_read_all_stats, pg_signal_backend TO \"keyturn\";");
    }

    [Fact]
    public void ToInspection_NoSuchRole_SaysNothingOfRights()
    {
        var inspection = (CreateRole with { Role = null }).ToInspection(needsAdminOption: true);

        inspection.Exists.ShouldBeFalse();
        inspection.MayChangePassword.ShouldBeNull();
        inspection.Missing.ShouldBeEmpty();
        (CreateRole with { Role = null, Admin = Admin with { MayCreateRoles = false } }).ToInspection(needsAdminOption: true)
            .GrantFor(Capability.Accounts).ShouldBe("ALTER ROLE \"keyturn\" CREATEROLE;");
    }

    private static string? MissingGrant(RoleInspection inspection, bool needsAdminOption) => inspection.ToInspection(needsAdminOption).MissingGrant;
}
