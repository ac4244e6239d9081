using System.Security.Cryptography;

namespace Keyturn.Wire.Sasl;

/// <summary>What SCRAM-SHA-256 derives from a password and a salt (RFC 5802 section 3, RFC 7677). As good as the password.</summary>
public sealed class ScramKeys
{
    /// <summary>Bytes of each key.</summary>
    public const int Length = SHA256.HashSizeInBytes;

    private readonly byte[] _salt;

    private ScramKeys(byte[] salt, int iterations, byte[] clientKey, byte[] serverKey) =>
        (_salt, Iterations, ClientKey, ServerKey) = (salt, iterations, clientKey, serverKey);

    /// <summary>Rounds of PBKDF2.</summary>
    public int Iterations { get; }

    /// <summary>The salt of the verifier.</summary>
    public ReadOnlySpan<byte> Salt => _salt;

    /// <summary>The hash of the client's key: what a verifier holds.</summary>
    public byte[] StoredKey => SHA256.HashData(ClientKey);

    /// <summary>What the server signs with.</summary>
    public byte[] ServerKey { get; }

    internal byte[] ClientKey { get; }

    /// <summary>Derives the keys; this is the expensive part of a login, about a millisecond for 4096 iterations.</summary>
    /// <param name="password">Prepared (SASLprep), in UTF-8.</param>
    /// <param name="salt">Of the verifier.</param>
    /// <param name="iterations">Of the verifier.</param>
    public static ScramKeys Derive(ReadOnlySpan<byte> password, byte[] salt, int iterations)
    {
        Span<byte> saltedPassword = stackalloc byte[Length];
        Rfc2898DeriveBytes.Pbkdf2(password, salt, saltedPassword, iterations, HashAlgorithmName.SHA256);
        var keys = new ScramKeys(
            salt,
            iterations,
            HMACSHA256.HashData(saltedPassword, "Client Key"u8),
            HMACSHA256.HashData(saltedPassword, "Server Key"u8));
        CryptographicOperations.ZeroMemory(saltedPassword);
        return keys;
    }

    /// <summary>Whether a server that names this salt and these iterations wants these keys.</summary>
    public bool AreFor(ReadOnlySpan<byte> salt, int iterations) => iterations == Iterations && salt.SequenceEqual(_salt);
}
