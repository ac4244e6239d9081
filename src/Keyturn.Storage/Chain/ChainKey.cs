using System.Buffers.Binary;
using System.Security.Cryptography;
using Keyturn.Audit;
using Keyturn.Storage.Sealing;

namespace Keyturn.Storage.Chain;

/// <summary>
/// The key under which audit rows are hashed. It comes from the store's digest key, which is sealed: who has the database, and not the master
/// key, can make neither a row nor a head of a chain.
/// </summary>
internal sealed class ChainKey(OpenedKeys keys)
{
    private readonly byte[] _rows = HKDF.DeriveKey(HashAlgorithmName.SHA256, keys.DigestKey, 32, info: "keyturn audit row"u8.ToArray());
    private readonly byte[] _heads = HKDF.DeriveKey(HashAlgorithmName.SHA256, keys.DigestKey, 32, info: "keyturn audit head"u8.ToArray());

    /// <summary>The head after one more row.</summary>
    public ChainHead Follow(ChainHead head, DateTimeOffset time, AuditEntry entry) =>
        head with { Number = head.Number + 1, Hash = Hash(head.Hash, RowEncoding.Encode(head.Id, head.Number + 1, time, entry)) };

    /// <summary>
    /// What shows that the head was written by who has the key. The hash of an earlier row stands in that row, its seal nowhere: who cuts rows
    /// off the end cannot make the head that would go with it.
    /// </summary>
    public byte[] Seal(ChainHead head)
    {
        var sealedBytes = new byte[16 + sizeof(long) + head.Hash.Length];
        head.Id.TryWriteBytes(sealedBytes, bigEndian: true, out _);
        BinaryPrimitives.WriteInt64BigEndian(sealedBytes.AsSpan(16), head.Number);
        head.Hash.CopyTo(sealedBytes, 16 + sizeof(long));
        return HMACSHA256.HashData(_heads, sealedBytes);
    }

    /// <summary>Whether the seal is the head's.</summary>
    public bool IsSealed(ChainHead head, byte[] seal) => CryptographicOperations.FixedTimeEquals(Seal(head), seal);

    /// <summary>One hash over many rows.</summary>
    public IncrementalHash Begin() => IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, _rows);

    private byte[] Hash(byte[] before, byte[] row)
    {
        using var hash = Begin();
        hash.AppendData(before);
        hash.AppendData(row);
        return hash.GetHashAndReset();
    }
}
