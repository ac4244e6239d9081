using System.Numerics;
using System.Security.Cryptography;
using System.Text;

namespace Keyturn.Wire.MySql.Ed25519;

/// <summary>
/// An Ed25519 key of MariaDB's. Its plugin ed25519 makes one of a password: RFC 8032, with the password's bytes, however many, in place of the
/// 32 random ones; parsec derives the 32. .NET 10 has no Ed25519 of its own.
/// </summary>
/// <remarks>
/// https://mariadb.com/kb/en/authentication-plugin-ed25519/. The curve's arithmetic takes the same time for all keys; the two numbers that are reduced modulo the
/// group's order take <see cref="BigInteger"/>, which does not. Whoever could measure that runs in this process.
/// </remarks>
public sealed class Ed25519Key
{
    /// <summary>Length of the challenge that client_ed25519 signs.</summary>
    internal const int NonceLength = 32;

    /// <summary>Length of a seed as RFC 8032 has it.</summary>
    internal const int SeedLength = 32;

    private const int Half = 32;

    private static readonly BigInteger Order = BigInteger.Pow(2, 252) + BigInteger.Parse("27742317777372353535851937790883648493");

    private readonly byte[] _scalar;
    private readonly byte[] _prefix;

    /// <summary>The key of <paramref name="password"/>.</summary>
    public Ed25519Key(string password)
        : this(Encoding.UTF8.GetBytes(password))
    {
    }

    internal Ed25519Key(ReadOnlySpan<byte> seed)
    {
        var hash = SHA512.HashData(seed);
        _scalar = hash[..Half];
        _prefix = hash[Half..];
        _scalar[0] &= 0xF8;
        _scalar[31] = (byte)((_scalar[31] & 0x7F) | 0x40);
        PublicKey = EdwardsPoint.MultiplyBase(_scalar).Encode();
    }

    /// <summary>32 bytes; what MariaDB stores, in Base64.</summary>
    public byte[] PublicKey { get; }

    /// <summary>The signature of <paramref name="message"/>, 64 bytes.</summary>
    public byte[] Sign(ReadOnlySpan<byte> message)
    {
        var nonce = Reduce(SHA512.HashData([.. _prefix, .. message]));
        var commitment = EdwardsPoint.MultiplyBase(ToBytes(nonce)).Encode();
        var challenge = Reduce(SHA512.HashData([.. commitment, .. PublicKey, .. message]));
        var response = (nonce + (challenge * ToNumber(_scalar))) % Order;
        return [.. commitment, .. ToBytes(response)];
    }

    private static BigInteger Reduce(byte[] hash) => ToNumber(hash) % Order;

    private static BigInteger ToNumber(byte[] bytes) => new(bytes, isUnsigned: true);

    private static byte[] ToBytes(BigInteger number)
    {
        var bytes = new byte[Half];
        _ = number.TryWriteBytes(bytes, out _, isUnsigned: true);
        return bytes;
    }
}
