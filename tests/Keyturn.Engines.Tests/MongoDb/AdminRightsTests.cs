using Keyturn.Engines.MongoDb;
using Keyturn.Instances;
using Keyturn.Wire.MongoDb;

namespace Keyturn.Engines.Tests.MongoDb;

public sealed class AdminRightsTests
{
    private static readonly AccountName Admin = new("keyturn");

    private static readonly BsonDocument Cluster = Privilege(new() { { "cluster", true } }, "inprog", "killop");

    [Fact]
    public void Judge_RightsOnAllDatabases_AreEnough() =>
        Judge("reports", Privilege(new() { { "db", "" }, { "collection", "" } }, "changePassword", "viewUser"), Cluster).ShouldBe((true, null));

    [Fact]
    public void Judge_RightsOnItsDatabase_AreEnough() =>
        Judge("reports", Privilege(new() { { "db", "reports" }, { "collection", "" } }, "changePassword", "viewUser"), Cluster).ShouldBe((true, null));

    [Fact]
    public void Judge_RightsOnEverything_AreEnough() => Judge("reports", Privilege(new() { { "anyResource", true } }, "anyAction")).ShouldBe((true, null));

    [Fact]
    public void Judge_RightsOnAnotherDatabaseOrACollection_AreNone()
    {
        var (mayChange, missing) = Judge(
            "reports",
            Privilege(new() { { "db", "other" }, { "collection", "" } }, "changePassword", "viewUser"),
            Privilege(new() { { "db", "reports" }, { "collection", "x" } }, "changePassword", "viewUser"),
            Cluster);

        mayChange.ShouldBe(false);
        missing.ShouldBe("""db.getSiblingDB("admin").grantRolesToUser("keyturn", [{role: "userAdmin", db: "reports"}])""");
    }

    [Fact]
    public void Judge_NoRightToEndSessions_MayChangeAndSaysWhatIsMissing()
    {
        var (mayChange, missing) = Judge("reports", Privilege(new() { { "db", "" }, { "collection", "" } }, "changePassword", "viewUser"));

        mayChange.ShouldBe(true);
        missing.ShouldBe("""db.getSiblingDB("admin").grantRolesToUser("keyturn", [{role: "clusterMonitor", db: "admin"}, {role: "hostManager", db: "admin"}]) """
            + """db.getSiblingDB("admin").grantRolesToUser("keyturn", [{role: "clusterMonitor", db: "admin"}])""", "for recovery, and for telling sessions");
    }

    [Fact]
    public void Judge_TheServer_MissesWhatNoDatabaseHas()
    {
        RightsOf(Privilege(new() { { "db", "reports" }, { "collection", "" } }, "changePassword", "viewUser"), Cluster).Judge(Admin).ShouldBeEmpty();
        RightsOf(Cluster).Judge(new AccountName("key\"turn")).ShouldHaveSingleItem().Grant
            .ShouldBe("""db.getSiblingDB("admin").grantRolesToUser("key\"turn", [{role: "userAdminAnyDatabase", db: "admin"}])""");
        RightsOf().Judge(Admin).ShouldBeEmpty();
    }

    [Fact]
    public void Judge_NoPrivilegesListed_SaysNothing() => Judge("reports").ShouldBe((null, null));

    private static (bool?, string?) Judge(string database, params BsonDocument[] privileges)
    {
        var (mayChange, missing) = RightsOf(privileges).Judge(Admin, new AccountName("app", Host: null, database));
        return (mayChange, missing.Count == 0 ? null : string.Join(' ', missing.Select(right => right.Grant)));
    }

    private static AdminRights RightsOf(params BsonDocument[] privileges) =>
        new(new BsonDocument { { "authInfo", new BsonDocument { { "authenticatedUserPrivileges", privileges } } } });

    private static BsonDocument Privilege(BsonDocument resource, params string[] actions) => new() { { "resource", resource }, { "actions", actions } };
}
