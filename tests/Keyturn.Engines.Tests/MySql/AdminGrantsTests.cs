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
}
