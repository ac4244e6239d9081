namespace Keyturn.Wire.MySql;

/// <summary>ProtocolText::ResultsetRow: one value a column, as text.</summary>
/// <remarks>https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_com_query_response_text_resultset_row.html</remarks>
internal static class TextResultsetRow
{
    private const byte Null = 0xFB;

    public static IReadOnlyList<string?> Read(ReadOnlySpan<byte> payload, int columns)
    {
        var reader = new PacketReader(payload);
        var values = new string?[columns];
        for (var column = 0; column < columns; column++)
        {
            if (reader.Peek == Null)
            {
                _ = reader.Byte();
            }
            else
            {
                values[column] = reader.LengthEncodedText();
            }
        }

        return reader.Left == 0 ? values : throw WireException.Violation($"a row with {reader.Left} bytes too many");
    }
}
