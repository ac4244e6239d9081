using System.Data.Common;
using Microsoft.Data.Sqlite;

namespace Keyturn.Storage.Tables;

/// <summary>
/// How values stand in the store, both ways. Enums are their members' names. SQLite has ids as 16 bytes in RFC 9562 order, times as
/// microseconds since 1970, and flags as 0 and 1; PostgreSQL has types for them.
/// </summary>
internal static class Columns
{
    public static object ToSqlite(object? value) => value switch
    {
        null => DBNull.Value,
        Guid id => id.ToByteArray(bigEndian: true),
        DateTimeOffset time => Microseconds(time),
        Enum member => member.ToString(),
        bool flag => flag ? 1L : 0L,
        _ => value,
    };

    public static object ToPostgreSql(object? value) => value switch
    {
        null => DBNull.Value,
        DateTimeOffset time => time.ToUniversalTime(),
        Enum member => member.ToString(),
        _ => value,
    };

    public static Guid Id(this DbDataReader row, int column) =>
        row is SqliteDataReader ? new Guid(row.Bytes(column), bigEndian: true) : row.GetGuid(column);

    public static Guid? OptionalId(this DbDataReader row, int column) => row.IsDBNull(column) ? null : row.Id(column);

    public static DateTimeOffset Time(this DbDataReader row, int column) => row is SqliteDataReader
        ? DateTimeOffset.UnixEpoch.AddTicks(row.GetInt64(column) * TimeSpan.TicksPerMicrosecond)
        : row.GetFieldValue<DateTimeOffset>(column);

    public static DateTimeOffset? OptionalTime(this DbDataReader row, int column) => row.IsDBNull(column) ? null : row.Time(column);

    public static TimeSpan? OptionalSeconds(this DbDataReader row, int column) => row.IsDBNull(column) ? null : TimeSpan.FromSeconds(row.GetInt64(column));

    public static string? OptionalText(this DbDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);

    public static byte[] Bytes(this DbDataReader row, int column) => row.GetFieldValue<byte[]>(column);

    public static bool Flag(this DbDataReader row, int column) => row.GetBoolean(column);

    public static TEnum Member<TEnum>(this DbDataReader row, int column)
        where TEnum : struct, Enum => Enum.Parse<TEnum>(row.GetString(column));

    public static TEnum? OptionalMember<TEnum>(this DbDataReader row, int column)
        where TEnum : struct, Enum => row.IsDBNull(column) ? null : row.Member<TEnum>(column);

    private static long Microseconds(DateTimeOffset time) => (time.UtcTicks - DateTimeOffset.UnixEpoch.UtcTicks) / TimeSpan.TicksPerMicrosecond;
}
