using System.Text;

namespace Keyturn.Wire.PostgreSql;

/// <summary>An error's SQLSTATE and sentence; the other fields are for the server's own log.</summary>
internal readonly record struct ErrorResponse(string Code, string Message)
{
    public static ErrorResponse Parse(ReadOnlySpan<byte> body)
    {
        var (code, message) = ("", "");
        while (body.Length > 0 && body[0] != 0)
        {
            var end = body.IndexOf((byte)0);
            if (end < 0)
            {
                throw WireException.Violation("an error's field without an end");
            }

            var text = Encoding.UTF8.GetString(body[1..end]);
            (code, message) = body[0] switch
            {
                (byte)'C' => (text, message),
                (byte)'M' => (code, text),
                _ => (code, message),
            };
            body = body[(end + 1)..];
        }

        return code.Length > 0 ? new ErrorResponse(code, message) : throw WireException.Violation("an error without a code");
    }
}
