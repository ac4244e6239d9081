using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Keyturn.Wire.Sasl;

/// <summary>
/// What a SCRAM client says about the TLS connection beneath it (RFC 5802 section 6): the header of its first message, and the data that
/// ties the login to the server's certificate (<c>tls-server-end-point</c>, RFC 5929).
/// </summary>
public sealed class ScramChannelBinding
{
    /// <summary>No binding, because there is no TLS or no digest for its certificate.</summary>
    public static readonly ScramChannelBinding None = new("n,,", []);

    /// <summary>We could bind and the server does not offer it; a server that does then knows that somebody sits in between.</summary>
    public static readonly ScramChannelBinding NotOffered = new("y,,", []);

    private readonly byte[] _data;

    private ScramChannelBinding(string header, byte[] data) => (Header, _data) = (header, data);

    /// <summary>Bound, so that the mechanism is SCRAM-SHA-256-PLUS.</summary>
    public bool IsBound => _data.Length > 0;

    /// <summary>The gs2 header, ASCII.</summary>
    public string Header { get; }

    /// <summary>Base64 of header and data, as the client's final message has it.</summary>
    public string Encoded => Convert.ToBase64String([.. Encoding.ASCII.GetBytes(Header), .. _data]);

    /// <summary>The binding to <paramref name="certificate"/>; null where RFC 5929 defines no digest for its signature.</summary>
    public static ScramChannelBinding? To(X509Certificate2 certificate) =>
        DigestOf(certificate) is { } digest ? new("p=tls-server-end-point,,", certificate.GetCertHash(digest)) : null;

    // RFC 5929 section 4.1: the signature's own hash, and SHA-256 in place of MD5 and SHA-1.
    private static HashAlgorithmName? DigestOf(X509Certificate2 certificate) => certificate.SignatureAlgorithm.Value switch
    {
        "1.2.840.113549.1.1.4" or "1.2.840.113549.1.1.5" or "1.2.840.10045.4.1" => HashAlgorithmName.SHA256,
        "1.2.840.113549.1.1.11" or "1.2.840.10045.4.3.2" => HashAlgorithmName.SHA256,
        "1.2.840.113549.1.1.12" or "1.2.840.10045.4.3.3" => HashAlgorithmName.SHA384,
        "1.2.840.113549.1.1.13" or "1.2.840.10045.4.3.4" => HashAlgorithmName.SHA512,
        _ => null,
    };
}
