using System.Text;
using Keyturn.Wire.Sasl;

namespace Keyturn.Wire.Tests.Sasl;

public sealed class ScramSha256ClientTests
{
    // RFC 7677 section 3.
    private const string Nonce = "rOprNGfwEbeRWgbNEkqO";
    private const string ServerFirst = "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";
    private const string ClientFinal =
        "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=";

    private const string ServerFinal = "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=";

    [Fact]
    public void Exchange_ExampleOfTheRfc_HasItsBytes()
    {
        var client = Client();

        Text(client.First()).ShouldBe("n,,n=user,r=rOprNGfwEbeRWgbNEkqO");
        Text(client.Final(Bytes(ServerFirst))).ShouldBe(ClientFinal);
        client.Verify(Bytes(ServerFinal));
    }

    [Fact]
    public void Exchange_KnownKeys_GiveTheSameProofWithoutThePassword()
    {
        var keys = ScramKeys.Derive("pencil"u8, Convert.FromBase64String("W22ZaJ0SNY7soEsUEjb6gQ=="), 4096);

        var client = new ScramSha256Client("user", Bytes("not asked"), keys, ScramChannelBinding.None, Nonce);

        Text(client.Final(Bytes(ServerFirst))).ShouldBe(ClientFinal);
    }

    [Fact]
    public void Exchange_KeysOfAnotherSalt_AreNotUsed()
    {
        var keys = ScramKeys.Derive("pencil"u8, [1, 2, 3], 4096);

        var client = new ScramSha256Client("user", Bytes("pencil"), keys, ScramChannelBinding.None, Nonce);

        Text(client.Final(Bytes(ServerFirst))).ShouldBe(ClientFinal);
    }

    [Fact]
    public void First_NameWithSpecials_IsEscaped() =>
        Text(new ScramSha256Client("a,b=c", default, known: null, ScramChannelBinding.None, Nonce).First()).ShouldBe($"n,,n=a=2Cb=3Dc,r={Nonce}");

    [Fact]
    public void First_TwoClients_HaveTwoNonces()
    {
        byte[] First() => new ScramSha256Client("", default, known: null, ScramChannelBinding.None).First();

        First().ShouldNotBe(First());
    }

    [Theory]
    [InlineData("")]
    [InlineData("e=other-error")]
    [InlineData("r=rOprNGfwEbeRWgbNEkqOx,s=W22ZaJ0SNY7soEsUEjb6gQ==")]
    [InlineData("r=rOprNGfwEbeRWgbNEkqOx,s=***,i=4096")]
    [InlineData("r=rOprNGfwEbeRWgbNEkqOx,s=,i=4096")]
    [InlineData("r=rOprNGfwEbeRWgbNEkqOx,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=0")]
    [InlineData("r=rOprNGfwEbeRWgbNEkqOx,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=-1")]
    [InlineData("r=rOprNGfwEbeRWgbNEkqOx,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=1000001")]
    [InlineData("r=rOprNGfwEbeRWgbNEkqOx,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=99999999999999999999")]
    [InlineData("r=rOprNGfwEbeRWgbNEkqO,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096")]
    [InlineData("r=anotherNonce,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096")]
    public void Final_ChallengeThatIsNone_IsProtocolViolation(string serverFirst) =>
        Should.Throw<WireException>(() => Client().Final(Bytes(serverFirst))).Fault.ShouldBe(WireFault.ProtocolViolation);

    [Theory]
    [InlineData("")]
    [InlineData("e=invalid-proof")]
    [InlineData("v=")]
    [InlineData("v=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")]
    [InlineData("v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=")]
    public void Verify_AnotherSignature_IsProtocolViolation(string serverFinal)
    {
        var client = Client();
        client.Final(Bytes(ServerFirst));

        Should.Throw<WireException>(() => client.Verify(Bytes(serverFinal))).Fault.ShouldBe(WireFault.ProtocolViolation);
    }

    [Fact]
    public void Verify_BeforeTheProof_IsProtocolViolation() =>
        Should.Throw<WireException>(() => Client().Verify(Bytes(ServerFinal))).Fault.ShouldBe(WireFault.ProtocolViolation);

    private static ScramSha256Client Client() => new("user", Bytes("pencil"), known: null, ScramChannelBinding.None, Nonce);

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    private static string Text(byte[] bytes) => Encoding.UTF8.GetString(bytes);
}
