using System.Globalization;

namespace Keyturn.Engines.Redis;

/// <summary>A line of CLIENT LIST: <c>id=7 addr=10.0.0.1:40312 name= age=12 … user=app …</c> Neither user names nor client names have spaces in them.</summary>
/// <param name="Id">CLIENT ID.</param>
/// <param name="User">Who is logged in.</param>
/// <param name="Age">How long it has been connected, in whole seconds.</param>
internal sealed record ClientLine(string Id, string User, TimeSpan Age)
{
    public static IEnumerable<ClientLine> ReadAll(string list) => list.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(Read).OfType<ClientLine>();

    private static ClientLine? Read(string line)
    {
        var fields = line.TrimEnd('\r').Split(' ');
        return Field(fields, "id=") is { } id && Field(fields, "user=") is { } user && uint.TryParse(Field(fields, "age="), NumberStyles.None, CultureInfo.InvariantCulture, out var age)
            ? new ClientLine(id, user, TimeSpan.FromSeconds(age))
            : null;
    }

    private static string? Field(string[] fields, string name) => fields.FirstOrDefault(field => field.StartsWith(name, StringComparison.Ordinal))?[name.Length..];
}
