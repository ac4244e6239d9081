using System.Collections.Frozen;
using System.Security.Cryptography;
using System.Text;
using Keyturn.Passwords;
using Keyturn.Storage.Chain;

namespace Keyturn.Storage.Sealing;

/// <summary>A sealed text as the store holds it.</summary>
/// <param name="DataKeyId">The data key that opens it; a foreign key, so that nothing is written under a key that the store has lost.</param>
/// <param name="Box">See <see cref="Seal"/>.</param>
internal readonly record struct SealedText(long DataKeyId, byte[] Box);

/// <summary>The keys of one store, opened.</summary>
/// <param name="StoreId">Part of all associated data: a row of another store does not open here.</param>
/// <param name="ActiveKeyId">The data key that seals new secrets.</param>
/// <param name="DataKeys">All data keys by number.</param>
/// <param name="DigestKey">See <see cref="KeyRing.Digest"/>.</param>
internal sealed record OpenedKeys(Guid StoreId, long ActiveKeyId, FrozenDictionary<long, byte[]> DataKeys, byte[] DigestKey);

/// <summary>Seals and opens the secrets of one store, and digests requests.</summary>
/// <param name="opened">The keys.</param>
/// <param name="masterKeys">What they were opened by.</param>
internal sealed class KeyRing(OpenedKeys opened, MasterKeys masterKeys)
{
    // Throws on a lone surrogate: replacing it would seal another password than the one that is sent.
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private volatile OpenedKeys _opened = opened;
    private volatile MasterKeys _masterKeys = masterKeys;
    private Func<MasterKeys, ValueTask<OpenedKeys>>? _read;

    /// <summary>The key of the audit log's chains; the same for as long as there is the store.</summary>
    public ChainKey ChainKey { get; } = new(opened);

    /// <summary>False only of a damaged store that is being checked: nothing can be digested then, nor chained.</summary>
    public bool HasDigestKey => _opened.DigestKey.Length > 0;

    /// <summary>The master keys that open the data keys.</summary>
    public MasterKeys MasterKeys => _masterKeys;

    /// <summary>Whether the data key is among those that were opened.</summary>
    public bool Knows(long dataKeyId) => _opened.DataKeys.ContainsKey(dataKeyId);

    /// <summary>Where keys that another process has made since are read from.</summary>
    public void ReadFrom(Func<MasterKeys, ValueTask<OpenedKeys>> read) => _read = read;

    /// <summary>Reads the keys anew: new secrets are sealed by the key that is active now.</summary>
    /// <exception cref="StoreException">They cannot be read, or do not open. The present ones are kept.</exception>
    public Task RefreshAsync() => UseAsync(_masterKeys);

    /// <summary>Reads the keys anew, and opens them by other master keys.</summary>
    /// <exception cref="StoreException">They cannot be read, or do not open. The present ones are kept.</exception>
    public async Task UseAsync(MasterKeys masterKeys)
    {
        if (_read is { } read)
        {
            _opened = await read(masterKeys);
            _masterKeys = masterKeys;
        }
    }

    public SealedText Close(Secret secret, SealContext context)
    {
        var keys = _opened;
        var plaintext = Utf8.GetBytes(secret.Reveal());
        try
        {
            return new SealedText(keys.ActiveKeyId, Seal.Close(keys.DataKeys[keys.ActiveKeyId], plaintext, context.AssociatedData(keys.StoreId, keys.ActiveKeyId)));
        }
        finally
        {
            CryptographicOperations.ZeroMemory(plaintext);
        }
    }

    /// <summary>The text. A data key that is not known yet is looked for in the store: another process may just have made it.</summary>
    /// <exception cref="StoreException"><see cref="StoreFault.Seal"/>, naming what does not open; or the store cannot be read.</exception>
    public async ValueTask<Secret> OpenAsync(SealedText sealedText, SealContext context)
    {
        if (!_opened.DataKeys.ContainsKey(sealedText.DataKeyId))
        {
            await RefreshAsync();
        }

        return Open(sealedText, context);
    }

    /// <summary>The text, by the keys that are known.</summary>
    /// <exception cref="StoreException"><see cref="StoreFault.Seal"/>, naming what does not open.</exception>
    public Secret Open(SealedText sealedText, SealContext context)
    {
        var keys = _opened;
        if (!keys.DataKeys.TryGetValue(sealedText.DataKeyId, out var key))
        {
            throw new StoreException(StoreFault.Seal, $"The {context} is sealed by data key {sealedText.DataKeyId}, which no loaded master key opens.");
        }

        var plaintext = Seal.TryOpen(key, sealedText.Box, context.AssociatedData(keys.StoreId, sealedText.DataKeyId))
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

    /// <summary>What is stored of an idempotency key: it may be anything, also a password that somebody put into the wrong header.</summary>
    public string DigestOfKey(string key) => Convert.ToHexStringLower(Digest($"idempotency key\n{key}"));

    /// <summary>HMAC-SHA256 under a key of the store.</summary>
    public byte[] Digest(string request) => HMACSHA256.HashData(_opened.DigestKey, Encoding.UTF8.GetBytes(request));
}
