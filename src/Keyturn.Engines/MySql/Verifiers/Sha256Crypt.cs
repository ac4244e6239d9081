using System.Security.Cryptography;

namespace Keyturn.Engines.MySql.Verifiers;

/// <summary>
/// The SHA-256 variant of Unix crypt, which both SHA-256 plugins of MySQL store. MySQL's salts are 20 bytes where crypt's end at 16;
/// it takes them whole.
/// </summary>
/// <remarks>The steps are numbered as in Ulrich Drepper's specification, https://www.akkadia.org/drepper/SHA-crypt.txt.</remarks>
internal static class Sha256Crypt
{
    private const string Alphabet = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    private const int DigestLength = SHA256.HashSizeInBytes;

    /// <summary>Characters of the text form of a digest.</summary>
    public const int TextLength = 43;

    /// <summary>The digest in crypt's own Base64.</summary>
    public static string Hash(ReadOnlySpan<byte> password, ReadOnlySpan<byte> salt, int rounds)
    {
        var digest = FirstDigest(password, salt);
        var passwordBytes = Repeat(SHA256.HashData(RepeatWhole(password)), password.Length); // steps 13 to 16
        var saltBytes = Repeat(SHA256.HashData(RepeatSalt(salt, digest[0])), salt.Length); // steps 17 to 20
        Stretch(digest, passwordBytes, saltBytes, rounds);
        return Encode(digest);
    }

    /// <summary>Steps 1 to 12.</summary>
    private static byte[] FirstDigest(ReadOnlySpan<byte> password, ReadOnlySpan<byte> salt)
    {
        var other = SHA256.HashData([.. password, .. salt, .. password]);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(password);
        hash.AppendData(salt);
        hash.AppendData(Repeat(other, password.Length));
        for (var length = password.Length; length > 0; length >>= 1)
        {
            hash.AppendData((length & 1) == 1 ? other : password);
        }

        return hash.GetHashAndReset();
    }

    /// <summary>Step 21, in one buffer: what a round hashes is at most two passwords, a salt and a digest long.</summary>
    private static void Stretch(Span<byte> digest, ReadOnlySpan<byte> password, ReadOnlySpan<byte> salt, int rounds)
    {
        var buffer = new byte[(2 * password.Length) + salt.Length + DigestLength];
        for (var round = 0; round < rounds; round++)
        {
            var length = 0;
            Append(buffer, ref length, (round & 1) == 1 ? password : digest);
            Append(buffer, ref length, round % 3 != 0 ? salt : []);
            Append(buffer, ref length, round % 7 != 0 ? password : []);
            Append(buffer, ref length, (round & 1) == 1 ? digest : password);
            SHA256.HashData(buffer.AsSpan(0, length), digest);
        }
    }

    private static void Append(Span<byte> buffer, ref int length, ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(buffer[length..]);
        length += bytes.Length;
    }

    private static byte[] RepeatWhole(ReadOnlySpan<byte> password)
    {
        var bytes = new byte[password.Length * password.Length];
        for (var copy = 0; copy < password.Length; copy++)
        {
            password.CopyTo(bytes.AsSpan(copy * password.Length));
        }

        return bytes;
    }

    private static byte[] RepeatSalt(ReadOnlySpan<byte> salt, byte firstOfDigest) => Repeat(salt, salt.Length * (16 + firstOfDigest));

    /// <summary><paramref name="bytes"/> over and over, up to <paramref name="length"/>.</summary>
    private static byte[] Repeat(ReadOnlySpan<byte> bytes, int length)
    {
        var repeated = new byte[length];
        for (var index = 0; index < length; index++)
        {
            repeated[index] = bytes[index % bytes.Length];
        }

        return repeated;
    }

    /// <summary>Step 22: three bytes give four characters, lowest bits first, in an order of their own.</summary>
    private static string Encode(ReadOnlySpan<byte> digest)
    {
        var text = new char[TextLength];
        var length = 0;
        for (var group = 0; group < 10; group++)
        {
            var (a, b, c) = (group % 3) switch { 0 => (group, group + 10, group + 20), 1 => (group + 20, group, group + 10), _ => (group + 10, group + 20, group) };
            Put((digest[a] << 16) | (digest[b] << 8) | digest[c], 4, text, ref length);
        }

        Put((digest[31] << 8) | digest[30], 3, text, ref length);
        return new string(text);
    }

    private static void Put(int bits, int count, Span<char> text, ref int length)
    {
        for (var character = 0; character < count; character++)
        {
            text[length++] = Alphabet[bits & 0x3F];
            bits >>= 6;
        }
    }
}
