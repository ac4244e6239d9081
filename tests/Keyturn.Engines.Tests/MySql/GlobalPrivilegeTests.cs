using System.Text.Json;
using Keyturn.Engines.MySql;

namespace Keyturn.Engines.Tests.MySql;

/// <summary>Rows as MariaDB 10.11 writes them.</summary>
public sealed class GlobalPrivilegeTests
{
    private const long Day = 24 * 60 * 60;

    [Fact]
    public void Methods_Alternatives_ComeInTheirOrder() =>
        Read("""{"plugin":"mysql_native_password","authentication_string":"*74","auth_or":[{"plugin":"ed25519","authentication_string":"Gv"},{},{"plugin":"unix_socket"}]}""")
            .Methods().ShouldBe([("ed25519", "Gv"), ("mysql_native_password", "*74"), ("unix_socket", "")]);

    [Theory]
    [InlineData("{}", false)]
    [InlineData("""{"password_last_changed":0}""", true)]
    [InlineData("""{"password_last_changed":864000,"password_lifetime":0}""", false)]
    [InlineData("""{"password_last_changed":864000,"password_lifetime":5}""", true)]
    [InlineData("""{"password_last_changed":864000,"password_lifetime":500}""", false)]
    [InlineData("""{"password_last_changed":864000,"password_lifetime":-1}""", true)]
    [InlineData("""{"password_last_changed":864000}""", true)]
    public void IsPasswordExpired_Lifetimes_Count(string json, bool expected) =>
        Read(json).IsPasswordExpired(now: 100 * Day, defaultLifetime: 30).ShouldBe(expected);

    private static GlobalPrivilege Read(string json) => new(JsonDocument.Parse(json).RootElement);
}
