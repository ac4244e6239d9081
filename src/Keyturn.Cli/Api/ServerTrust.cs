using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Keyturn.Cli.Commands;

namespace Keyturn.Cli.Api;

/// <summary>Which servers a client believes in: those that the operating system trusts, or those of one CA file.</summary>
internal static class ServerTrust
{
    /// <param name="server">An address on this machine is asked directly, whatever proxy the environment names.</param>
    /// <param name="caFile">PEM file of a private CA, or of a development certificate; null means the operating system's.</param>
    public static SocketsHttpHandler HandlerFor(Uri server, string? caFile) => new()
    {
        AllowAutoRedirect = false,
        UseProxy = !server.IsLoopback,
        SslOptions = new SslClientAuthenticationOptions { CertificateChainPolicy = caFile is null ? null : OnlyOf(caFile) },
    };

    private static X509ChainPolicy OnlyOf(string caFile)
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        try
        {
            policy.CustomTrustStore.ImportFromPem(InputFile.ReadOrNull(caFile) ?? throw CommandFailure.Usage($"the CA file {caFile} has more than {InputFile.MaxBytes} bytes."));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw CommandFailure.Usage($"the CA file {caFile} cannot be read: {e.Message}", e);
        }

        return policy.CustomTrustStore.Count > 0 ? policy : throw CommandFailure.Usage($"there is no certificate in {caFile}: it is to be a PEM file.");
    }
}
