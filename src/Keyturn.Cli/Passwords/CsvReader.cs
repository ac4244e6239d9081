using System.Text;

namespace Keyturn.Cli.Passwords;

/// <summary>Comma-separated values (RFC 4180).</summary>
internal sealed class CsvReader(string text)
{
    private int _at;
    private int _line = 1;

    /// <summary>Where the last record began, counted from one.</summary>
    public int Line { get; private set; }

    /// <summary>The fields of the next record; null when there is none.</summary>
    public IReadOnlyList<string>? ReadRecord()
    {
        if (_at >= text.Length)
        {
            return null;
        }

        Line = _line;
        var fields = new List<string> { ReadField() };
        while (_at < text.Length && text[_at] == ',')
        {
            _at++;
            fields.Add(ReadField());
        }

        ReadLineEnd();
        return fields;
    }

    private string ReadField() => _at < text.Length && text[_at] == '"' ? ReadQuoted() : ReadPlain();

    private string ReadPlain()
    {
        var start = _at;
        while (_at < text.Length && text[_at] is not (',' or '\n'))
        {
            if (text[_at] == '"')
            {
                throw PasswordList.At(Line, "a quote stands inside of a field: put the field in quotes, and write the quote twice.");
            }

            _at++;
        }

        // The end of a line is \r\n or \n.
        return _at == text.Length || text[_at] == '\n' ? text[start.._at].TrimEnd('\r') : text[start.._at];
    }

    private string ReadQuoted()
    {
        var field = new StringBuilder();
        for (_at++; _at < text.Length; _at++)
        {
            if (text[_at] == '"' && (++_at >= text.Length || text[_at] != '"'))
            {
                return field.ToString();
            }

            _line += text[_at] == '\n' ? 1 : 0;
            field.Append(text[_at]);
        }

        throw PasswordList.At(Line, "a quote is not closed.");
    }

    private void ReadLineEnd()
    {
        if (_at < text.Length && text[_at] == '\r')
        {
            _at++;
        }

        if (_at < text.Length && text[_at++] != '\n')
        {
            throw PasswordList.At(Line, "something stands behind a closing quote.");
        }

        _line++;
    }
}
