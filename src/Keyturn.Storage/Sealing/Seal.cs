using System.Security.Cryptography;

namespace Keyturn.Storage.Sealing;

/// <summary>AES-256-GCM (NIST SP 800-38D) with a random 96-bit nonce: <c>nonce | ciphertext | 128-bit tag</c>.</summary>
internal static class Seal
{
    private const int NonceLength = 12;
    private const int TagLength = 16;

    public static byte[] Close(ReadOnlySpan<byte> key, ReadOnlySpan<byte> plaintext, ReadOnlySpan<byte> associatedData)
    {
        var box = new byte[NonceLength + plaintext.Length + TagLength];
        var nonce = box.AsSpan(0, NonceLength);
        RandomNumberGenerator.Fill(nonce);
        using var aes = new AesGcm(key, TagLength);
        aes.Encrypt(nonce, plaintext, box.AsSpan(NonceLength, plaintext.Length), box.AsSpan(NonceLength + plaintext.Length), associatedData);
        return box;
    }

    /// <summary>The plaintext; null when key, associated data or box are not those it was closed with.</summary>
    public static byte[]? TryOpen(ReadOnlySpan<byte> key, ReadOnlySpan<byte> box, ReadOnlySpan<byte> associatedData)
    {
        if (box.Length < NonceLength + TagLength)
        {
            return null;
        }

        var plaintext = new byte[box.Length - NonceLength - TagLength];
        using var aes = new AesGcm(key, TagLength);
        try
        {
            aes.Decrypt(box[..NonceLength], box[NonceLength..^TagLength], box[^TagLength..], plaintext, associatedData);
            return plaintext;
        }
        catch (AuthenticationTagMismatchException)
        {
            return null;
        }
    }
}
