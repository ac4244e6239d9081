using Microsoft.Data.Sqlite;

namespace Keyturn.Storage.Sqlite;

/// <summary>
/// How values stand in the store, both ways: ids as 16 bytes in RFC 9562 order, times as microseconds since 1970, enums as their members'
/// names, flags as 0 and 1.
/// </summary>
internal static class Columns
{
    public static object ToColumn(object? value) => value switch
    {
        null => DBNull.Value,
        Guid id => id.ToByteArray(bigEndian: true),
        DateTimeOffset time => Microseconds(time),
        Enum member => member.ToString(),
        bool flag => flag ? 1L : 0L,
        _ => value,
    };

    public static Guid Id(this SqliteDataReader row, int column) => new(row.Bytes(column), bigEndian: true);

    public static Guid? OptionalId(this SqliteDataReader row, int column) => row.IsDBNull(column) ? null : row.Id(column);

    public static DateTimeOffset Time(this SqliteDataReader row, int column) =>
        DateTimeOffset.UnixEpoch.AddTicks(row.GetInt64(column) * TimeSpan.TicksPerMicrosecond);

    public static DateTimeOffset? OptionalTime(this SqliteDataReader row, int column) => row.IsDBNull(column) ? null : row.Time(column);

    public static string? OptionalText(this SqliteDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);

    public static byte[] Bytes(this SqliteDataReader row, int column) => row.GetFieldValue<byte[]>(column);

    public static bool Flag(this SqliteDataReader row, int column) => row.GetInt64(column) != 0;

    public static TEnum Member<TEnum>(this SqliteDataReader row, int column)
        where TEnum : struct, Enum => Enum.Parse<TEnum>(row.GetString(column));

    public static TEnum? OptionalMember<TEnum>(this SqliteDataReader row, int column)
        where TEnum : struct, Enum => row.IsDBNull(column) ? null : row.Member<TEnum>(column);

    private static long Microseconds(DateTimeOffset time) => (time.UtcTicks - DateTimeOffset.UnixEpoch.UtcTicks) / TimeSpan.TicksPerMicrosecond;
}
