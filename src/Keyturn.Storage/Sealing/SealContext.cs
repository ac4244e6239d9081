using System.Buffers.Binary;

namespace Keyturn.Storage.Sealing;

/// <summary>What a sealed text is for. Part of the associated data, so that one kind cannot be passed off as another; values are stored.</summary>
internal enum SealPurpose : byte
{
    /// <summary>A data key, wrapped by a master key.</summary>
    DataKey = 1,

    /// <summary>The store's digest key.</summary>
    DigestKey = 2,

    /// <summary>One version of an account's password.</summary>
    Password = 3,

    /// <summary>The TLS client key of one revision of an instance.</summary>
    ClientKey = 4,

    /// <summary>The secret key (SK) of a principal's access key.</summary>
    SecretKey = 5,
}

/// <summary>Where a sealed text belongs: it opens nowhere else.</summary>
/// <param name="Purpose">What it is for.</param>
/// <param name="Owner">The account, instance or credential; empty for the store's own keys.</param>
/// <param name="Version">The secret's version, or the instance's revision; zero for what has only one.</param>
internal sealed record SealContext(SealPurpose Purpose, Guid Owner, int Version)
{
    public static readonly SealContext DataKey = new(SealPurpose.DataKey, Guid.Empty, 0);

    public static readonly SealContext DigestKey = new(SealPurpose.DigestKey, Guid.Empty, 0);

    public static SealContext Password(Guid accountId, int version) => new(SealPurpose.Password, accountId, version);

    public static SealContext ClientKey(Guid instanceId, int revision) => new(SealPurpose.ClientKey, instanceId, revision);

    public static SealContext SecretKey(Guid credentialId) => new(SealPurpose.SecretKey, credentialId, 0);

    public override string ToString() => Purpose switch
    {
        SealPurpose.Password => $"password, version {Version} of account {Owner}",
        SealPurpose.ClientKey => $"TLS client key, revision {Version} of instance {Owner}",
        SealPurpose.SecretKey => $"secret key of credential {Owner}",
        SealPurpose.DigestKey => "digest key",
        _ => "data key",
    };

    /// <summary>Every field has a fixed length, so that no two contexts have the same bytes.</summary>
    public byte[] AssociatedData(Guid storeId, long dataKeyId)
    {
        var data = new byte[1 + 16 + 16 + sizeof(int) + sizeof(long)];
        data[0] = (byte)Purpose;
        storeId.TryWriteBytes(data.AsSpan(1), bigEndian: true, out _);
        Owner.TryWriteBytes(data.AsSpan(17), bigEndian: true, out _);
        BinaryPrimitives.WriteInt32BigEndian(data.AsSpan(33), Version);
        BinaryPrimitives.WriteInt64BigEndian(data.AsSpan(37), dataKeyId);
        return data;
    }
}
