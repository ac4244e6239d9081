using System.Security.Cryptography;

namespace Keyturn.Wire.Sasl;

/// <summary>What SCRAM derives from a password and a salt (RFC 5802 section 3, RFC 7677). As good as the password.</summary>
public sealed class ScramKeys
{
    private readonly ScramMechanism _mechanism;
    private readonly byte[] _salt;

    private ScramKeys(ScramMechanism mechanism, byte[] salt, int iterations, byte[] clientKey, byte[] serverKey) =>
        (_mechanism, _salt, Iterations, ClientKey, ServerKey) = (mechanism, salt, iterations, clientKey, serverKey);

    /// <summary>Rounds of PBKDF2.</summary>
    public int Iterations { get; }

    /// <summary>The salt of the verifier.</summary>
    public ReadOnlySpan<byte> Salt => _salt;

    /// <summary>The hash of the client's key: what a verifier holds.</summary>
    public byte[] StoredKey => _mechanism.Digest(ClientKey);

    /// <summary>What the server signs with.</summary>
    public byte[] ServerKey { get; }

    internal byte[] ClientKey { get; }

    /// <summary>Derives the keys of SCRAM-SHA-256.</summary>
    /// <inheritdoc cref="Derive(ScramMechanism, ReadOnlySpan{byte}, byte[], int)"/>
    public static ScramKeys Derive(ReadOnlySpan<byte> password, byte[] salt, int iterations) => Derive(ScramMechanism.Sha256, password, salt, iterations);

    /// <summary>Derives the keys; this is the expensive part of a login, about a millisecond for 4096 iterations.</summary>
    /// <param name="mechanism">Whose hash.</param>
    /// <param name="password">Prepared as the protocol wants it (SASLprep), in UTF-8.</param>
    /// <param name="salt">Of the verifier.</param>
    /// <param name="iterations">Of the verifier.</param>
    public static ScramKeys Derive(ScramMechanism mechanism, ReadOnlySpan<byte> password, byte[] salt, int iterations)
    {
        Span<byte> saltedPassword = stackalloc byte[mechanism.Length];
        Rfc2898DeriveBytes.Pbkdf2(password, salt, saltedPassword, iterations, mechanism.Hash);
        var keys = new ScramKeys(mechanism, salt, iterations, mechanism.Sign(saltedPassword, "Client Key"u8), mechanism.Sign(saltedPassword, "Server Key"u8));
        CryptographicOperations.ZeroMemory(saltedPassword);
        return keys;
    }

    /// <summary>Whether a server that names this salt and these iterations wants these keys.</summary>
    public bool AreFor(ScramMechanism mechanism, ReadOnlySpan<byte> salt, int iterations) =>
        mechanism == _mechanism && iterations == Iterations && salt.SequenceEqual(_salt);
}
