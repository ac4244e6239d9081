using System.Security.Cryptography;

namespace Keyturn.Wire.Sasl;

/// <summary>A mechanism of the SCRAM family: they differ in the hash only.</summary>
public sealed class ScramMechanism
{
    /// <summary>RFC 5802. MongoDB's older accounts have nothing else.</summary>
    public static readonly ScramMechanism Sha1 = new("SCRAM-SHA-1", HashAlgorithmName.SHA1, SHA1.HashSizeInBytes);

    /// <summary>RFC 7677.</summary>
    public static readonly ScramMechanism Sha256 = new("SCRAM-SHA-256", HashAlgorithmName.SHA256, SHA256.HashSizeInBytes);

    private ScramMechanism(string name, HashAlgorithmName hash, int length) => (Name, Hash, Length) = (name, hash, length);

    /// <summary>As servers list it.</summary>
    public string Name { get; }

    /// <summary>Bytes of each key, of a proof and of a signature.</summary>
    public int Length { get; }

    internal HashAlgorithmName Hash { get; }

    internal byte[] Digest(ReadOnlySpan<byte> data) => CryptographicOperations.HashData(Hash, data);

    internal byte[] Sign(ReadOnlySpan<byte> key, ReadOnlySpan<byte> data) => CryptographicOperations.HmacData(Hash, key, data);
}
