using Keyturn.Engines.Redis;

namespace Keyturn.Engines.Tests.Redis;

public sealed class ClientLineTests
{
    [Fact]
    public void ReadAll_LinesOfAServer_AreRead()
    {
        const string list = """
            id=7 addr=127.0.0.1:40312 laddr=127.0.0.1:6379 fd=8 name=user=other age=12 idle=0 flags=N db=0 cmd=client|list user=app redir=-1 resp=3
            id=8 addr=127.0.0.1:40313 laddr=127.0.0.1:6379 fd=9 name= age=0 idle=0 flags=N db=0 user=default redir=-1 resp=2

            """;

        ClientLine.ReadAll(list).ShouldBe([new ClientLine("7", "app", TimeSpan.FromSeconds(12)), new ClientLine("8", "default", TimeSpan.Zero)]);
    }

    [Theory]
    [InlineData("")]
    [InlineData("\n\n")]
    [InlineData("id=7 age=12")]
    [InlineData("id=7 user=app age=soon")]
    [InlineData("id=7 user=app age=9223372036854775807")]
    public void ReadAll_ServerLies_IsNobody(string list) => ClientLine.ReadAll(list).ShouldBeEmpty();
}
