using System.Security.Cryptography;

namespace Keyturn.Storage.Sealing;

/// <summary>
/// The key that wraps a store's data keys: 256 bits, kept apart from the store. It prints as its <see cref="Id"/>.
/// </summary>
public sealed class MasterKey
{
    /// <summary>Environment variable that holds what a master key file would, for where there is no owner-only file.</summary>
    public const string EnvironmentVariable = "KEYTURN_MASTER_KEY";

    internal const int Length = 32;

    private readonly byte[] _bytes;

    private MasterKey(byte[] bytes)
    {
        _bytes = bytes;
        Id = Convert.ToHexStringLower(HMACSHA256.HashData(bytes, "keyturn master key id"u8)[..8]);
    }

    /// <summary>Tells master keys apart without telling anything about them; stored beside each data key that it wraps.</summary>
    public string Id { get; }

    internal ReadOnlySpan<byte> Bytes => _bytes;

    /// <summary>A new random key.</summary>
    public static MasterKey Generate() => new(RandomNumberGenerator.GetBytes(Length));

    /// <summary>Reads the base64 form. White space around it does not matter.</summary>
    /// <exception cref="StoreException"><see cref="StoreFault.MasterKey"/>: it is not 32 bytes in base64.</exception>
    public static MasterKey Parse(string base64)
    {
        var bytes = new byte[Length];
        return Convert.TryFromBase64String(base64.Trim(), bytes, out var written) && written == Length
            ? new MasterKey(bytes)
            : throw new StoreException(StoreFault.MasterKey, "The master key is not 32 bytes in base64.");
    }

    /// <inheritdoc/>
    public override string ToString() => Id;

    internal string ToBase64() => Convert.ToBase64String(_bytes);
}
