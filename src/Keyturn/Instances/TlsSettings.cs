using Keyturn.Passwords;

namespace Keyturn.Instances;

/// <summary>How the connection to a server is protected. There is no silent fallback from any of these to a weaker one.</summary>
public enum TlsMode
{
    /// <summary>Encrypted; the certificate is trusted and names the server. The default.</summary>
    VerifyFull,

    /// <summary>Encrypted; the certificate is trusted, its name is not looked at.</summary>
    VerifyCa,

    /// <summary>
    /// Encrypted to whoever answers. Clear passwords are not sent over it, except to Redis and Valkey, whose only login is AUTH, and to a
    /// MongoDB on this machine.
    /// </summary>
    Require,

    /// <summary>
    /// Not encrypted. Clear passwords are not sent over it, except to Redis and Valkey, whose only login is AUTH, and to a MongoDB on this
    /// machine.
    /// </summary>
    Disable,
}

/// <summary>TLS settings of an instance, the same for all engines.</summary>
public sealed record TlsSettings
{
    /// <summary>Required; <see cref="TlsMode.VerifyFull"/> unless the registrar says otherwise.</summary>
    public TlsMode Mode { get; init; } = TlsMode.VerifyFull;

    /// <summary>PEM certificates to trust; null means the operating system's.</summary>
    public string? CaPem { get; init; }

    /// <summary>The name expected in the certificate where it is not the node's host.</summary>
    public string? ServerName { get; init; }

    /// <summary>PEM certificate (chain) that we present.</summary>
    public string? ClientCertificatePem { get; init; }

    /// <summary>PEM private key of <see cref="ClientCertificatePem"/>.</summary>
    public Secret? ClientKeyPem { get; init; }
}
