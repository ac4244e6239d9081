namespace Keyturn.Engines.Redis;

/// <summary>The answer to INFO: a line <c>name:value</c> for each field, under headings.</summary>
internal sealed class InfoText(string text)
{
    /// <summary>The value of a field; null when there is none of that name.</summary>
    public string? this[string name] =>
        text.Split("\r\n").FirstOrDefault(line => line.StartsWith($"{name}:", StringComparison.Ordinal))?[(name.Length + 1)..];
}
