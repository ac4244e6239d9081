using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace Keyturn.Wire;

/// <summary>How much of the server's certificate is looked at.</summary>
public enum WireTlsMode
{
    /// <summary>Trusted, and for this name.</summary>
    VerifyFull,

    /// <summary>Trusted, whatever its name.</summary>
    VerifyCa,

    /// <summary>Not looked at: encrypted to whoever answers.</summary>
    Require,

    /// <summary>No TLS.</summary>
    Disable,
}

/// <summary>TLS of one connection.</summary>
/// <param name="Mode">How much is verified.</param>
/// <param name="Roots">Certificates to trust; null means the operating system's.</param>
/// <param name="ServerName">The expected name; null means the host.</param>
/// <param name="ClientCertificate">What we present, if anything, with its chain.</param>
public sealed record WireTls(
    WireTlsMode Mode,
    X509Certificate2Collection? Roots = null,
    string? ServerName = null,
    SslClientCertificate? ClientCertificate = null)
{
    /// <summary>
    /// Sets all that decides whom we trust and who we are, for a connection to <paramref name="host"/>. Whatever makes the connection, ours or
    /// a driver, is judged by these.
    /// </summary>
    public void ApplyTo(SslClientAuthenticationOptions handshake, string host)
    {
        handshake.TargetHost = ServerName ?? host;
        handshake.EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13;
        handshake.CertificateRevocationCheckMode = X509RevocationMode.NoCheck;
        handshake.CertificateChainPolicy = Roots is null ? null : TrustOnly(Roots);
        handshake.ClientCertificates = null;
        handshake.ClientCertificateContext = ClientCertificate is null
            ? null
            : SslStreamCertificateContext.Create(ClientCertificate.Certificate, ClientCertificate.Chain, offline: true);

        // The callback can only forgive: verify-full forgives nothing, and has none, so that the runtime says what is wrong.
        handshake.RemoteCertificateValidationCallback = Mode switch
        {
            WireTlsMode.VerifyFull => null,
            WireTlsMode.VerifyCa => (_, _, _, errors) => (errors & ~SslPolicyErrors.RemoteCertificateNameMismatch) == SslPolicyErrors.None,
            _ => (_, certificate, _, _) => certificate is not null,
        };
    }

    private static X509ChainPolicy TrustOnly(X509Certificate2Collection roots)
    {
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,
        };
        policy.CustomTrustStore.AddRange(roots);
        return policy;
    }
}

/// <summary>A client certificate with its private key, and the certificates between it and its root.</summary>
/// <param name="Certificate">With private key.</param>
/// <param name="Chain">Intermediates; may be empty.</param>
public sealed record SslClientCertificate(X509Certificate2 Certificate, X509Certificate2Collection Chain);
