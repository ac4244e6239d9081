namespace Keyturn.Wire.Redis;

/// <summary>One reply of a server, in RESP2 or RESP3. Has no text form on purpose: replies about accounts hold their verifiers.</summary>
public abstract class RespValue;

/// <summary>A simple, bulk or verbatim string.</summary>
/// <param name="text">Its text; bytes that are no UTF-8 have become U+FFFD.</param>
public sealed class RespText(string text) : RespValue
{
    /// <summary>The text.</summary>
    public string Text => text;
}

/// <summary>The server said no.</summary>
/// <param name="code">The first word: <c>ERR</c>, <c>WRONGPASS</c>, <c>NOPERM</c>, …</param>
/// <param name="message">The rest. Errors of <c>ACL SETUSER</c> repeat what was sent, also passwords.</param>
public sealed class RespError(string code, string message) : RespValue
{
    /// <summary>The first word.</summary>
    public string Code => code;

    /// <summary>The rest of the line.</summary>
    public string Message => message;
}

/// <summary>A number.</summary>
/// <param name="value">The number.</param>
public sealed class RespInteger(long value) : RespValue
{
    /// <summary>The number.</summary>
    public long Value => value;
}

/// <summary>Nothing: the null of RESP3, the null string or the null array of RESP2.</summary>
public sealed class RespNull : RespValue
{
    /// <summary>The one there is.</summary>
    public static readonly RespNull Value = new();
}

/// <summary>An array, a set, or a map as RESP2 has it: keys and values in turn.</summary>
/// <param name="items">The elements.</param>
public sealed class RespList(IReadOnlyList<RespValue> items) : RespValue
{
    /// <summary>The elements.</summary>
    public IReadOnlyList<RespValue> Items => items;

    /// <summary>The value beside <paramref name="key"/>, for a list that is a map; null when there is none.</summary>
    public RespValue? Find(string key)
    {
        for (var i = 0; i + 1 < items.Count; i += 2)
        {
            if (items[i] is RespText { Text: var text } && text == key)
            {
                return items[i + 1];
            }
        }

        return null;
    }
}
