using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Keyturn.Engines.Tls;
using Keyturn.Instances;
using Keyturn.Passwords;
using Keyturn.Wire;

namespace Keyturn.Engines.Tests.Tls;

public sealed class WireTlsSettingsTests
{
    [Theory]
    [InlineData(TlsMode.VerifyFull, WireTlsMode.VerifyFull)]
    [InlineData(TlsMode.VerifyCa, WireTlsMode.VerifyCa)]
    [InlineData(TlsMode.Require, WireTlsMode.Require)]
    [InlineData(TlsMode.Disable, WireTlsMode.Disable)]
    public void Read_EachMode_IsTheSameMode(TlsMode mode, WireTlsMode expected)
    {
        var tls = WireTlsSettings.Read(new TlsSettings { Mode = mode, ServerName = "db.example" }).Value.ShouldNotBeNull();

        tls.Mode.ShouldBe(expected);
        tls.ServerName.ShouldBe("db.example");
        tls.Roots.ShouldBeNull();
        tls.ClientCertificate.ShouldBeNull();
    }

    [Fact]
    public void Read_CertificatesAndKey_AreRead()
    {
        var (own, ownKey) = SelfSigned("client");
        var (issuer, _) = SelfSigned("issuer");
        var settings = new TlsSettings { CaPem = own + issuer, ClientCertificatePem = own + issuer, ClientKeyPem = new Secret(ownKey) };

        var tls = WireTlsSettings.Read(settings).Value.ShouldNotBeNull();

        tls.Roots.ShouldNotBeNull().Count.ShouldBe(2);
        var client = tls.ClientCertificate.ShouldNotBeNull();
        client.Certificate.Subject.ShouldBe("CN=client");
        client.Certificate.HasPrivateKey.ShouldBeTrue();
        client.Chain.ShouldHaveSingleItem().Subject.ShouldBe("CN=issuer");
    }

    public static TheoryData<TlsSettings> Unreadable()
    {
        var (certificate, _) = SelfSigned("client");
        var (_, otherKey) = SelfSigned("other");
        return
        [
            new TlsSettings { CaPem = "no certificate" },
            new TlsSettings { CaPem = "" },
            new TlsSettings { CaPem = certificate.Replace("MII", "III", StringComparison.Ordinal) },
            new TlsSettings { ClientCertificatePem = certificate },
            new TlsSettings { ClientKeyPem = new Secret(otherKey) },
            new TlsSettings { ClientCertificatePem = certificate, ClientKeyPem = new Secret(otherKey) },
            new TlsSettings { ClientCertificatePem = "none", ClientKeyPem = new Secret("none") },
        ];
    }

    [Theory]
    [MemberData(nameof(Unreadable), DisableDiscoveryEnumeration = true)]
    public void Read_TextThatIsNone_IsTlsRejectedWithoutTheText(TlsSettings settings)
    {
        var failure = WireTlsSettings.Read(settings).Failure.ShouldNotBeNull();

        failure.Error.ShouldBe(EngineError.TlsRejected);
        failure.Detail.ShouldNotContain("BEGIN");
    }

    [Fact]
    public void ToFailure_EachFault_HasItsError()
    {
        foreach (var fault in Enum.GetValues<WireFault>())
        {
            new WireException(fault, "why").ToFailure().ShouldBe(new Failure(Enum.Parse<EngineError>(fault.ToString()), "why"));
        }
    }

    private static (string Certificate, string Key) SelfSigned(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        using var certificate = request.CreateSelfSigned(TimeProvider.System.GetUtcNow().AddHours(-1), TimeProvider.System.GetUtcNow().AddHours(1));
        return (certificate.ExportCertificatePem() + "\n", key.ExportPkcs8PrivateKeyPem());
    }
}
