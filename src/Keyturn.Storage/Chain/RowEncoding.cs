using System.Buffers.Binary;
using System.Text;
using Keyturn.Audit;

namespace Keyturn.Storage.Chain;

/// <summary>
/// An audit row as bytes, the same on every database: each column with its length before it, so that nothing can be moved from one into the
/// next, and absent told from empty. The version is part of what is hashed.
/// </summary>
internal static class RowEncoding
{
    private const byte Version = 1;

    /// <summary>All columns but the hash, and but the sequence, which the database gives: verification sees to it that it rises along the chain.</summary>
    public static byte[] Encode(Guid chain, long number, DateTimeOffset time, AuditEntry entry)
    {
        using var bytes = new MemoryStream();
        bytes.WriteByte(Version);
        Id(bytes, chain);
        Number(bytes, number);
        Number(bytes, (time.UtcTicks - DateTimeOffset.UnixEpoch.UtcTicks) / TimeSpan.TicksPerMicrosecond);
        Id(bytes, entry.Caller.ProjectId);
        Id(bytes, entry.Caller.PrincipalId);
        Text(bytes, entry.Caller.PrincipalName);
        Text(bytes, entry.Caller.Source);
        Text(bytes, entry.Caller.RequestId);
        Text(bytes, entry.Action);
        Text(bytes, entry.Outcome);
        Id(bytes, entry.InstanceId);
        Text(bytes, entry.Account);
        Id(bytes, entry.ResetId);
        Text(bytes, entry.Detail);
        return bytes.ToArray();
    }

    private static void Id(MemoryStream bytes, Guid? id) => Field(bytes, id?.ToByteArray(bigEndian: true));

    private static void Text(MemoryStream bytes, string? text) => Field(bytes, text is null ? null : Encoding.UTF8.GetBytes(text));

    private static void Number(MemoryStream bytes, long number)
    {
        var field = new byte[sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(field, number);
        Field(bytes, field);
    }

    /// <summary>Minus one where there is none.</summary>
    private static void Field(MemoryStream bytes, byte[]? field)
    {
        Span<byte> length = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32BigEndian(length, field?.Length ?? -1);
        bytes.Write(length);
        bytes.Write(field);
    }
}
