using Keyturn.Engines.PostgreSql;

namespace Keyturn.Engines.Tests.PostgreSql;

/// <summary>The rules of 15 are live tests too; those of 16 and later stand here.</summary>
public sealed class RoleInspectionTests
{
    private static readonly RoleReading App = new(
        "app", CanLogin: true, IsSuperuser: false, MayCreateRoles: false, IsReplication: false, ConnectionLimit: -1, IsExpired: false);

    private static readonly RoleInspection CreateRole = new(
        App, "keyturn", IsAdminSuperuser: false, MayAdminCreateRoles: true, HasAdminOption: false, CanReadBack: false);

    [Fact]
    public void MissingGrant_CreateRoleOf15_IsNone() => MissingGrant(CreateRole, needsAdminOption: false).ShouldBeNull();

    [Fact]
    public void MissingGrant_CreateRoleOf16_IsTheAdminOption() =>
        MissingGrant(CreateRole, needsAdminOption: true).ShouldBe("GRANT \"app\" TO \"keyturn\" WITH ADMIN OPTION");

    [Fact]
    public void MissingGrant_AdminOptionOf16_IsNone() => MissingGrant(CreateRole with { HasAdminOption = true }, needsAdminOption: true).ShouldBeNull();

    [Fact]
    public void MissingGrant_NothingOn16_IsBoth() =>
        MissingGrant(CreateRole with { MayAdminCreateRoles = false }, needsAdminOption: true)
            .ShouldBe("ALTER ROLE \"keyturn\" CREATEROLE; GRANT \"app\" TO \"keyturn\" WITH ADMIN OPTION");

    [Fact]
    public void MissingGrant_ReplicationRoleOf16_IsTheAdminOption() =>
        MissingGrant(CreateRole with { Role = App with { IsReplication = true }, HasAdminOption = true }, needsAdminOption: true).ShouldBeNull();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void MissingGrant_Superuser_IsSuperuser(bool needsAdminOption) =>
        MissingGrant(CreateRole with { Role = App with { IsSuperuser = true }, HasAdminOption = true }, needsAdminOption)
            .ShouldBe("ALTER ROLE \"keyturn\" SUPERUSER");

    [Fact]
    public void MissingGrant_OneselfOrAsSuperuser_IsNone()
    {
        MissingGrant(CreateRole with { Role = App with { Name = "keyturn" }, MayAdminCreateRoles = false }, needsAdminOption: true).ShouldBeNull();
        MissingGrant(CreateRole with { Role = App with { IsSuperuser = true }, IsAdminSuperuser = true }, needsAdminOption: true).ShouldBeNull();
    }

    [Fact]
    public void ToInspection_NoSuchRole_SaysNothingOfRights()
    {
        var inspection = (CreateRole with { Role = null }).ToInspection(needsAdminOption: true);

        inspection.Exists.ShouldBeFalse();
        inspection.MayChangePassword.ShouldBeNull();
        inspection.MissingGrant.ShouldBeNull();
    }

    private static string? MissingGrant(RoleInspection inspection, bool needsAdminOption) => inspection.ToInspection(needsAdminOption).MissingGrant;
}
