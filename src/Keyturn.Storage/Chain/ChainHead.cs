namespace Keyturn.Storage.Chain;

/// <summary>Where a chain of audit rows ends.</summary>
/// <param name="Id">Of the chain.</param>
/// <param name="Number">Of its last row: 1, 2, 3 … without gaps; 0 of a chain that has none.</param>
/// <param name="Hash">Of that row; zeros where there is none.</param>
internal sealed record ChainHead(Guid Id, long Number, byte[] Hash)
{
    /// <summary>A chain that begins.</summary>
    public static ChainHead New() => new(Guid.NewGuid(), 0, new byte[32]);
}
