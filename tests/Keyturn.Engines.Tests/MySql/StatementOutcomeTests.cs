using Keyturn.Engines.MySql;
using Keyturn.Instances;
using Keyturn.Wire.MySql;

namespace Keyturn.Engines.Tests.MySql;

public sealed class StatementOutcomeTests
{
    private readonly AdminGrants _grants = new(new MariaDbFlavor(), new AccountName("admin", "%"), []);

    [Theory]
    [InlineData(1064, "You have an error in your SQL syntax; ... near 'S3cret canary' at line 1")]
    [InlineData(1372, "Password hash should be a 41-digit hexadecimal number 'S3cret canary'")]
    public void Of_ErrorThatMayQuoteTheStatement_KeepsItsCodeOnly(int code, string message)
    {
        var failure = StatementOutcome.Of(new ErrPacket(code, message), _grants);

        failure.Error.ShouldBe(EngineError.ServerError);
        failure.Detail.ShouldContain($"{code}");
        failure.Detail.ShouldNotContain("canary");
    }

    [Theory]
    [InlineData(1227, "Access denied; you need (at least one of) the SYSTEM_USER privilege(s) for this operation", "GRANT SYSTEM_USER ON *.* TO `admin`@`%`;")]
    [InlineData(1227, "Access denied; you need (at least one of) the CREATE USER privilege(s) for this operation", "GRANT CREATE USER ON *.* TO `admin`@`%`;")]
    [InlineData(1095, "You are not owner of thread 30", "GRANT CONNECTION ADMIN ON *.* TO `admin`@`%`;")]
    [InlineData(1142, "SELECT command denied to user 'admin'@'127.0.0.1' for table `mysql`.`global_priv`", "GRANT SELECT (User, Host, Priv) ON mysql.global_priv TO `admin`@`%`;")]
    [InlineData(1143, "SELECT command denied to user 'admin'@'127.0.0.1' for column 'Priv' in table 'global_priv'", "GRANT SELECT (User, Host, Priv) ON mysql.global_priv TO `admin`@`%`;")]
    public void Of_MissingPrivilege_SaysWhichGrant(int code, string message, string grant)
    {
        var failure = StatementOutcome.Of(new ErrPacket(code, message), _grants);

        failure.Error.ShouldBe(EngineError.AdminLacksPrivilege);
        failure.Detail.ShouldEndWith($"Missing: {grant}");
    }

    [Theory]
    [InlineData(1290, "The MySQL server is running with the --super-read-only option so it cannot execute this statement", EngineError.ReadOnlyNode)]
    [InlineData(1290, "The MySQL server is running with the --skip-grant-tables option so it cannot execute this statement", EngineError.ServerError)]
    [InlineData(1836, "Running in read-only mode", EngineError.ReadOnlyNode)]
    [InlineData(1205, "Lock wait timeout exceeded; try restarting transaction", EngineError.Busy)]
    public void Of_KnownError_IsItsCause(int code, string message, EngineError expected) =>
        StatementOutcome.Of(new ErrPacket(code, message), _grants).Error.ShouldBe(expected);
}
