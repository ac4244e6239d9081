namespace Keyturn.Wire.MySql;

/// <summary>The answer to a statement.</summary>
public sealed record QueryResult
{
    /// <summary>Why the server did not run it; null when it did.</summary>
    public ErrPacket? Error { get; init; }

    /// <summary>The rows; empty for a statement that has none.</summary>
    public IReadOnlyList<ResultRow> Rows { get; init; } = [];
}

/// <summary>One row of text.</summary>
public sealed class ResultRow
{
    private readonly IReadOnlyDictionary<string, int> _columns;
    private readonly IReadOnlyList<string?> _values;

    internal ResultRow(IReadOnlyDictionary<string, int> columns, IReadOnlyList<string?> values) => (_columns, _values) = (columns, values);

    /// <summary>The first column's value, whatever its name.</summary>
    public string? First => _values[0];

    /// <summary>The column's value, null for NULL. A server that sends other columns than were asked for breaks its protocol.</summary>
    public string? this[string column] =>
        _columns.TryGetValue(column, out var index) ? _values[index] : throw WireException.Violation($"the answer has no column {column}");
}
