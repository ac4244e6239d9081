using System.Collections.Concurrent;
using System.Text.RegularExpressions;
using Keyturn.Storage.Tables;
using Npgsql;

namespace Keyturn.Storage.PostgreSql;

/// <summary>A statement of the tables' code in PostgreSQL's words: numbered parameters, and none of SQLite's index hints.</summary>
internal sealed partial class PostgreSqlStatement
{
    private static readonly ConcurrentDictionary<string, PostgreSqlStatement> Known = new(StringComparer.Ordinal);

    private readonly string _text;
    private readonly List<string> _names = [];

    private PostgreSqlStatement(string sql) => _text = Parameter().Replace(IndexHint().Replace(sql, ""), match =>
    {
        if (!_names.Contains(match.Value))
        {
            _names.Add(match.Value);
        }

        return $"${_names.IndexOf(match.Value) + 1}";
    });

    /// <exception cref="InvalidOperationException">A parameter has no value.</exception>
    public static NpgsqlBatchCommand Bind(string sql, ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        var statement = Known.GetOrAdd(sql, static text => new PostgreSqlStatement(text));
        var command = new NpgsqlBatchCommand(statement._text);
        foreach (var name in statement._names)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = Columns.ToPostgreSql(ValueOf(name, parameters)) });
        }

        return command;
    }

    private static object? ValueOf(string name, ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        foreach (var parameter in parameters)
        {
            if (parameter.Name == name)
            {
                return parameter.Value;
            }
        }

        throw new InvalidOperationException($"The parameter {name} has no value.");
    }

    [GeneratedRegex(@"\$[a-zA-Z]+")]
    private static partial Regex Parameter();

    [GeneratedRegex(@" INDEXED BY \w+")]
    private static partial Regex IndexHint();
}
