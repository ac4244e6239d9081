using Keyturn.Engines.MySql;
using Keyturn.Instances;

namespace Keyturn.Engines.Tests.MySql;

public sealed class AdminGrantsTests
{
    [Theory]
    [InlineData(true, "GRANT ALL PRIVILEGES ON *.* TO `a`@`%` IDENTIFIED BY PASSWORD '*00' WITH GRANT OPTION")]
    [InlineData(true, "GRANT SELECT, CREATE USER, EVENT ON *.* TO `a`@`%`")]
    [InlineData(false, "GRANT USAGE ON *.* TO `a`@`%`", "GRANT SELECT ON `mysql`.`user` TO `a`@`%`")]
    [InlineData(null, "GRANT USAGE ON *.* TO `a`@`%`", "GRANT SELECT, UPDATE ON `mysql`.* TO `a`@`%`")]
    [InlineData(null, "GRANT SELECT, UPDATE ON *.* TO `a`@`%`")]
    [InlineData(null)]
    public void MayChangePasswords_Grants_DecideWhereTheyCan(bool? expected, params string[] lines) =>
        Of(new MySqlFlavor(), lines).MayChangePasswords.ShouldBe(expected);

    [Theory]
    [InlineData(true)]
    [InlineData(true, "GRANT ALL PRIVILEGES ON *.* TO `a`@`%` IDENTIFIED BY PASSWORD '*00' WITH GRANT OPTION")]
    [InlineData(true, "GRANT SELECT, INSERT ON *.* TO `a`@`%` REQUIRE SSL WITH GRANT OPTION")]
    [InlineData(true, @"GRANT SELECT ON `the\_shop`.* TO `a`@`%` WITH GRANT OPTION")]
    [InlineData(true, "GRANT SELECT ON `the_shop`.* TO `a`@`%` WITH GRANT OPTION")]
    [InlineData(true, "GRANT SELECT ON `the%`.* TO `a`@`%` WITH GRANT OPTION")]
    [InlineData(false, "GRANT ALL PRIVILEGES ON *.* TO `a`@`%`")]
    [InlineData(false, "GRANT INSERT ON *.* TO `a`@`%` WITH GRANT OPTION", "GRANT SELECT ON `other`.* TO `a`@`%` WITH GRANT OPTION")]
    public void MayGrant_SelectOnOneDatabase_NeedsTheGrantOptionForIt(bool expected, params string[] lines) =>
        Of(new MySqlFlavor(), lines).MayGrant("SELECT", "the_shop").ShouldBe(expected);

    [Theory]
    [InlineData("GRANT ALL PRIVILEGES ON *.* TO `a`@`%`")]
    [InlineData("GRANT CREATE USER, PROCESS, SELECT, SUPER, REPLICATION SLAVE ON *.* TO `a`@`%`")]
    [InlineData]
    public void Missing_HasAllOrTellsNothing_IsNothing(params string[] lines) => Of(new MySqlFlavor(), lines).Missing().ShouldBeEmpty();

    [Theory]
    [InlineData("GRANT SELECT ON *.* TO `a`@`%`")]
    [InlineData("GRANT INSERT, SELECT ON `mysql`.* TO `a`@`%`")]
    [InlineData("GRANT SELECT ON `mysql`.`global_priv` TO `a`@`%`")]
    [InlineData("GRANT SELECT (`Priv`, `User`), UPDATE (`Priv`) ON `mysql`.`global_priv` TO `a`@`%`", "GRANT SELECT (host) ON `mysql`.`global_priv` TO `a`@`%`")]
    public void Missing_MayReadTheAccounts_IsNotReadback(params string[] lines) =>
        Of(new MariaDbFlavor(), lines).Missing().ShouldNotContain(right => right.Capability == Capability.Readback);

    [Theory]
    [InlineData("GRANT USAGE ON *.* TO `a`@`%`")]
    [InlineData("GRANT SELECT ON `mysql`.`user` TO `a`@`%`", "GRANT SELECT ON `other`.* TO `a`@`%`")]
    [InlineData("GRANT INSERT (`User`, `Host`, `Priv`), SELECT (`User`, `Host`) ON `mysql`.`global_priv` TO `a`@`%`")]
    public void Missing_MayNotReadAllColumns_NamesThem(params string[] lines) =>
        Of(new MariaDbFlavor(), lines).Missing().Single(right => right.Capability == Capability.Readback).Grant
            .ShouldBe("GRANT SELECT (User, Host, Priv) ON mysql.global_priv TO `a`@`%`;");

    [Fact]
    public void Missing_ByCapability_IsInTheServersOwnWords()
    {
        var missing = Of(new MySqlFlavor(), "GRANT SELECT, PROCESS ON *.* TO `a`@`%`").Missing();

        missing.Select(right => (right.Capability, right.Grant)).ShouldBe(
        [
            (Capability.Reset, "GRANT CREATE USER ON *.* TO `a`@`%`;"),
            (Capability.Accounts, "GRANT CREATE USER ON *.* TO `a`@`%`;"),
            (Capability.Sessions, "GRANT CONNECTION_ADMIN ON *.* TO `a`@`%`;"),
            (Capability.Nodes, "GRANT REPLICATION CLIENT, REPLICATION SLAVE ON *.* TO `a`@`%`;"),
        ]);
    }

    [Fact]
    public void Statement_NameWithQuotes_IsQuoted() =>
        new AdminGrants(new MySqlFlavor(), new AccountName("a`b'c", "10.0.0.%"), []).Statement("PROCESS").ShouldBe("GRANT PROCESS ON *.* TO `a``b'c`@`10.0.0.%`;");

    private static AdminGrants Of(ServerFlavor flavor, params string[] lines) => new(flavor, new AccountName("a", "%"), lines);
}
