using System.Security.Cryptography;

namespace Keyturn.Storage.Sealing;

/// <summary>A data key as the store holds it.</summary>
/// <param name="Id">Its number in the store.</param>
/// <param name="MasterKeyId">The master key that wraps it.</param>
/// <param name="Wrapped">The key itself, sealed.</param>
internal sealed record WrappedDataKey(long Id, string MasterKeyId, byte[] Wrapped)
{
    public static (WrappedDataKey Row, byte[] Key) Generate(MasterKey masterKey, Guid storeId, long id)
    {
        var key = RandomNumberGenerator.GetBytes(MasterKey.Length);
        var wrapped = Seal.Close(masterKey.Bytes, key, SealContext.DataKey.AssociatedData(storeId, id));
        return (new WrappedDataKey(id, masterKey.Id, wrapped), key);
    }

    /// <summary>The key; null when none of the master keys is the one that wraps it.</summary>
    /// <exception cref="StoreException"><see cref="StoreFault.Seal"/>: the row was altered.</exception>
    public byte[]? Unwrap(MasterKeys masterKeys, Guid storeId)
    {
        if (masterKeys.Find(MasterKeyId) is not { } masterKey)
        {
            return null;
        }

        return Seal.TryOpen(masterKey.Bytes, Wrapped, SealContext.DataKey.AssociatedData(storeId, Id))
            ?? throw new StoreException(StoreFault.Seal, $"Data key {Id} does not open with its master key {MasterKeyId}: the store was altered.");
    }

    /// <summary>The same key, wrapped by the current master key.</summary>
    /// <exception cref="StoreException">None of the master keys opens it.</exception>
    public WrappedDataKey Rewrap(MasterKeys masterKeys, Guid storeId)
    {
        var key = Unwrap(masterKeys, storeId) ?? throw new StoreException(StoreFault.MasterKey, $"Data key {Id} is wrapped by master key {MasterKeyId}, which was not given.");
        return new WrappedDataKey(Id, masterKeys.Current.Id, Seal.Close(masterKeys.Current.Bytes, key, SealContext.DataKey.AssociatedData(storeId, Id)));
    }
}
