using System.Net;

namespace Keyturn.Wire.Tests;

public sealed class PeerAddressTests
{
    [Theory]
    [InlineData("169.254.169.254", true)]
    [InlineData("169.254.0.1", true)]
    [InlineData("::ffff:169.254.169.254", true)]
    [InlineData("fe80::1", true)]
    [InlineData("febf::1", true)]
    [InlineData("100.100.100.200", true)]
    [InlineData("fd00:ec2::254", true)]
    [InlineData("64:ff9b::a9fe:a9fe", true)]
    [InlineData("64:ff9b:1::169.254.169.254", true)]
    [InlineData("::169.254.169.254", true)]
    [InlineData("2002:a9fe:a9fe::1", true)]
    [InlineData("64:ff9b::7f00:1", false)]
    [InlineData("2002:7f00:1::a9fe:a9fe", false)]
    [InlineData("127.0.0.1", false)]
    [InlineData("::1", false)]
    [InlineData("10.0.0.1", false)]
    [InlineData("192.168.1.1", false)]
    [InlineData("fd00::1", false)]
    [InlineData("100.100.100.201", false)]
    public void IsRefused_LinkLocalAndMetadata(string address, bool isRefused) => PeerAddress.IsRefused(IPAddress.Parse(address)).ShouldBe(isRefused);

    [Theory]
    [InlineData("169.254.169.254")]
    [InlineData("fe80::1")]
    public async Task Connect_ToOne_IsRefusedAndSaysHowToAllowIt(string host)
    {
        var refused = await Should.ThrowAsync<WireException>(() => Transport.ConnectAsync(host, 5432, TestContext.Current.CancellationToken).AsTask());

        refused.Fault.ShouldBe(WireFault.Unreachable);
        refused.Message.ShouldContain("--allow-link-local");
    }
}
