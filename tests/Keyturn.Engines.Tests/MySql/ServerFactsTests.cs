using Keyturn.Engines.MySql;
using Keyturn.Instances;
using Keyturn.Wire;

namespace Keyturn.Engines.Tests.MySql;

public sealed class ServerFactsTests
{
    [Fact]
    public void ParseAccount_UserWithAtSign_TakesTheLastOne() =>
        ServerFacts.ParseAccount("a@b@10.0.0.%").ShouldBe(new AccountName("a@b", "10.0.0.%"));

    [Fact]
    public void ParseAccount_NoAtSign_IsAViolation() =>
        Should.Throw<WireException>(() => ServerFacts.ParseAccount("nobody")).Fault.ShouldBe(WireFault.ProtocolViolation);
}
