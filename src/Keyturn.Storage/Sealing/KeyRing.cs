using System.Collections.Frozen;
using System.Security.Cryptography;
using System.Text;
using Keyturn.Passwords;

namespace Keyturn.Storage.Sealing;

/// <summary>A sealed text as the store holds it.</summary>
/// <param name="DataKeyId">The data key that opens it; a foreign key, so that nothing is written under a key that the store has lost.</param>
/// <param name="Box">See <see cref="Seal"/>.</param>
internal readonly record struct SealedText(long DataKeyId, byte[] Box);

/// <summary>The opened data keys of one store: seals and opens its secrets, and digests requests.</summary>
/// <param name="storeId">Part of all associated data: a row of another store does not open here.</param>
/// <param name="activeKeyId">The data key that seals new secrets.</param>
/// <param name="dataKeys">All data keys by number.</param>
/// <param name="digestKey">See <see cref="Digest"/>.</param>
internal sealed class KeyRing(Guid storeId, long activeKeyId, FrozenDictionary<long, byte[]> dataKeys, byte[] digestKey)
{
    // Throws on a lone surrogate: replacing it would seal another password than the one that is sent.
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public SealedText Close(Secret secret, SealContext context)
    {
        var plaintext = Utf8.GetBytes(secret.Reveal());
        try
        {
            return new SealedText(activeKeyId, Seal.Close(dataKeys[activeKeyId], plaintext, context.AssociatedData(storeId, activeKeyId)));
        }
        finally
        {
            CryptographicOperations.ZeroMemory(plaintext);
        }
    }

    /// <summary>The text.</summary>
    /// <exception cref="StoreException"><see cref="StoreFault.Seal"/>, naming what does not open.</exception>
    public Secret Open(SealedText sealedText, SealContext context)
    {
        if (!dataKeys.TryGetValue(sealedText.DataKeyId, out var key))
        {
            throw new StoreException(StoreFault.Seal, $"The {context} is sealed by data key {sealedText.DataKeyId}, which no loaded master key opens.");
        }

        var plaintext = Seal.TryOpen(key, sealedText.Box, context.AssociatedData(storeId, sealedText.DataKeyId))
            ?? throw new StoreException(StoreFault.Seal, $"The {context} does not open: it was altered, or belongs elsewhere. Restore it from a backup of the store.");
        try
        {
            return new Secret(Utf8.GetString(plaintext));
        }
        finally
        {
            CryptographicOperations.ZeroMemory(plaintext);
        }
    }

    /// <summary>HMAC-SHA256 under a key of the store.</summary>
    public byte[] Digest(string request) => HMACSHA256.HashData(digestKey, Encoding.UTF8.GetBytes(request));
}
