using System.Text;
using Keyturn.Wire.Sasl;

namespace Keyturn.Wire.Tests.Sasl;

public sealed class ScramClientTests
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

        var client = new ScramClient("user", Bytes("not asked"), keys, ScramChannelBinding.None, Nonce);

        Text(client.Final(Bytes(ServerFirst))).ShouldBe(ClientFinal);
    }

    [Fact]
    public void Exchange_KeysOfAnotherSalt_AreNotUsed()
    {
        var keys = ScramKeys.Derive("pencil"u8, [1, 2, 3], 4096);

        var client = new ScramClient("user", Bytes("pencil"), keys, ScramChannelBinding.None, Nonce);

        Text(client.Final(Bytes(ServerFirst))).ShouldBe(ClientFinal);
    }

    /// <summary>MongoDB's messages may have 4 MB.</summary>
    [Fact]
    public void Final_ChallengeOfFourMillionCommas_TakesLittleMemory()
    {
        var challenge = Bytes(ServerFirst + new string(',', 4_000_000));
        var before = GC.GetAllocatedBytesForCurrentThread();

        Should.Throw<WireException>(() => Client().Final(challenge)).Fault.ShouldBe(WireFault.ProtocolViolation);

        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(1L << 20);
    }

    // RFC 5802 section 5.
    [Fact]
    public void Exchange_ExampleOfSha1_HasItsBytes()
    {
        var client = new ScramClient("user", Bytes("pencil"), known: null, ScramChannelBinding.None, "fyko+d2lbbFgONRv9qkxdawL") { Mechanism = ScramMechanism.Sha1 };

        Text(client.First()).ShouldBe("n,,n=user,r=fyko+d2lbbFgONRv9qkxdawL");
        Text(client.Final(Bytes("r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096")))
            .ShouldBe("c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=");
        client.Verify(Bytes("v=rmF9pqV8S7suAoZWja4dJRkFsKQ="));
    }

    [Fact]
    public void Exchange_KeysOfAnotherMechanism_AreNotUsed()
    {
        var keys = ScramKeys.Derive(ScramMechanism.Sha1, "pencil"u8, Convert.FromBase64String("W22ZaJ0SNY7soEsUEjb6gQ=="), 4096);

        var client = new ScramClient("user", Bytes("pencil"), keys, ScramChannelBinding.None, Nonce);

        Text(client.Final(Bytes(ServerFirst))).ShouldBe(ClientFinal);
    }

    [Fact]
    public void Final_FewerRoundsThanTheProtocolAllows_IsProtocolViolation()
    {
        var client = new ScramClient("user", Bytes("pencil"), known: null, ScramChannelBinding.None, Nonce) { LeastIterations = 4097 };

        Should.Throw<WireException>(() => client.Final(Bytes(ServerFirst))).Fault.ShouldBe(WireFault.ProtocolViolation);
    }

    [Fact]
    public void First_NameWithSpecials_IsEscaped() =>
        Text(new ScramClient("a,b=c", default, known: null, ScramChannelBinding.None, Nonce).First()).ShouldBe($"n,,n=a=2Cb=3Dc,r={Nonce}");

    [Fact]
    public void First_TwoClients_HaveTwoNonces()
    {
        byte[] First() => new ScramClient("", default, known: null, ScramChannelBinding.None).First();

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

    private static ScramClient Client() => new("user", Bytes("pencil"), known: null, ScramChannelBinding.None, Nonce);

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    private static string Text(byte[] bytes) => Encoding.UTF8.GetString(bytes);
}
