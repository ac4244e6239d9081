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
    SslClientCertificate? ClientCertificate = null);

/// <summary>A client certificate with its private key, and the certificates between it and its root.</summary>
/// <param name="Certificate">With private key.</param>
/// <param name="Chain">Intermediates; may be empty.</param>
public sealed record SslClientCertificate(X509Certificate2 Certificate, X509Certificate2Collection Chain);
