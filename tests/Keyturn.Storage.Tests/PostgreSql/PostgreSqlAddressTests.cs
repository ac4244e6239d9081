using Keyturn.Storage.PostgreSql;
using Npgsql;

namespace Keyturn.Storage.Tests.PostgreSql;

public sealed class PostgreSqlAddressTests
{
    [Theory]
    [InlineData("Host=db.example.org;Username=keyturn", true)]
    [InlineData("Username=keyturn; host = a,b", true)]
    [InlineData("Server=db", true)]
    [InlineData("/var/lib/keyturn/store.db", false)]
    [InlineData("host.db", false)]
    [InlineData("store;host.db", false)]
    public void Is_TextWithAHost_IsNoFile(string text, bool isAddress) => PostgreSqlAddress.Is(text).ShouldBe(isAddress);

    [Fact]
    public void Read_NothingSaidOfTls_VerifiesTheServerUnlessItIsThisMachine()
    {
        PostgreSqlAddress.Read("Host=db.example.org").SslMode.ShouldBe(SslMode.VerifyFull);
        PostgreSqlAddress.Read("Host=127.0.0.1,db.example.org").SslMode.ShouldBe(SslMode.VerifyFull);
        PostgreSqlAddress.Read("Host=127.0.0.1:5432,localhost").SslMode.ShouldBe(SslMode.Disable);
        PostgreSqlAddress.Read("Host=/var/run/postgresql").SslMode.ShouldBe(SslMode.Disable);
    }

    [Theory]
    [InlineData("Host=db.example.org;SSL Mode=Disable")]
    [InlineData("Host=db.example.org;SSL Mode=Require")]
    [InlineData("Host=127.0.0.1;SSL Mode=Prefer")]
    [InlineData("Host=db.example.org;Nonsense=1")]
    public void Read_UnverifiedTlsOrNonsense_IsRefused(string text) =>
        Should.Throw<StoreException>(() => PostgreSqlAddress.Read(text)).Fault.ShouldBe(StoreFault.Address);

    [Theory]
    [InlineData("Host=127.0.0.1;Password=first;canary=x", "in quotes")]
    [InlineData("Host=127.0.0.1;Port=canary", "port")]
    public void Read_Unreadable_SaysWhatWithoutAnyValue(string text, string hint)
    {
        var message = Should.Throw<StoreException>(() => PostgreSqlAddress.Read(text)).Message;

        message.ShouldContain(hint, Case.Insensitive);
        message.ShouldNotContain("canary");
    }

    [Fact]
    public void Read_Anything_NeverCancelsACommit() => PostgreSqlAddress.Read("Host=127.0.0.1;Command Timeout=5").CommandTimeout.ShouldBe(0);

    [Fact]
    public void Describe_AddressWithPassword_HidesIt() =>
        PostgreSqlAddress.Describe(PostgreSqlAddress.Read("Host=127.0.0.1;Username=keyturn;Password=hidden;Database=d")).ShouldBe("127.0.0.1:5432/d, schema keyturn");
}
