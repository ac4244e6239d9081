namespace Keyturn.Wire.MySql;

/// <summary>Protocol::ColumnDefinition41, of which only the name is of use to Keyturn.</summary>
/// <remarks>https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_com_query_response_text_resultset_column_definition.html</remarks>
internal static class ColumnDefinition41
{
    /// <summary>The column's name, or alias.</summary>
    public static string ReadName(ReadOnlySpan<byte> payload)
    {
        var reader = new PacketReader(payload);
        for (var field = 0; field < 4; field++)
        {
            _ = reader.LengthEncodedBytes(); // catalog, schema, table, original table
        }

        return reader.LengthEncodedText();
    }
}
