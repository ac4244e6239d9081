using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Keyturn.Instances;
using Keyturn.Wire;

namespace Keyturn.Engines.Tls;

/// <summary>Turns the TLS settings of an instance (PEM text) into those of a connection (certificates).</summary>
internal static class WireTlsSettings
{
    /// <summary>
    /// The settings as certificates, or <see cref="EngineError.TlsRejected"/> where the PEM text of the registration cannot be read or the key is
    /// not the certificate's. The detail never holds the text.
    /// </summary>
    public static Answer<WireTls> Read(TlsSettings settings)
    {
        try
        {
            return Answer.Of(new WireTls(ModeOf(settings.Mode), Roots(settings), settings.ServerName, ClientCertificate(settings)));
        }
        catch (Exception error) when (error is CryptographicException or ArgumentException)
        {
            return new Failure(EngineError.TlsRejected, $"the instance's CA, client certificate or client key cannot be read: {error.GetType().Name}");
        }
    }

    private static WireTlsMode ModeOf(TlsMode mode) => mode switch
    {
        TlsMode.VerifyFull => WireTlsMode.VerifyFull,
        TlsMode.VerifyCa => WireTlsMode.VerifyCa,
        TlsMode.Require => WireTlsMode.Require,
        TlsMode.Disable => WireTlsMode.Disable,
        _ => throw new ArgumentOutOfRangeException(nameof(mode), mode, message: null),
    };

    private static X509Certificate2Collection? Roots(TlsSettings settings)
    {
        if (settings.CaPem is not { } pem)
        {
            return null;
        }

        var roots = Certificates(pem);

        // No certificate in the text would mean to trust nobody, or worse the operating system's roots: it is a mistake, and said so.
        return roots.Count > 0 ? roots : throw new CryptographicException();
    }

    private static SslClientCertificate? ClientCertificate(TlsSettings settings)
    {
        if (settings is { ClientCertificatePem: null, ClientKeyPem: null })
        {
            return null;
        }

        // One without the other would be a login without the certificate that the registrar meant to present.
        if (settings is not { ClientCertificatePem: { } certificatePem, ClientKeyPem: { } keyPem })
        {
            throw new CryptographicException();
        }

        var chain = Certificates(certificatePem);
        chain.RemoveAt(0);
        return new SslClientCertificate(X509Certificate2.CreateFromPem(certificatePem, keyPem.Reveal()), chain);
    }

    private static X509Certificate2Collection Certificates(string pem)
    {
        var certificates = new X509Certificate2Collection();
        certificates.ImportFromPem(pem);
        return certificates;
    }
}
