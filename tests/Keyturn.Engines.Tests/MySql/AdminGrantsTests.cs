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
        new AdminGrants(new AccountName("a", "%"), lines).MayChangePasswords.ShouldBe(expected);

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
        new AdminGrants(new AccountName("a", "%"), lines).MayGrant("SELECT", "the_shop").ShouldBe(expected);
}
