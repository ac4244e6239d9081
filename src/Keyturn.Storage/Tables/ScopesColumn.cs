using System.Text.Json;
using System.Text.Json.Serialization;
using Keyturn.Access;

namespace Keyturn.Storage.Tables;

/// <summary>Scopes as the store holds them: a JSON array of the names they were given by.</summary>
internal static class ScopesColumn
{
    private static readonly string NoLimit = Write(Scopes.All);

    public static string Write(Scopes scopes) => JsonSerializer.Serialize([.. scopes.Names], ScopesJson.Default.StringArray);

    /// <exception cref="StoreException">A name is none that this program knows. Leaving it out could turn a limit into none.</exception>
    public static Scopes Read(string json) => json == NoLimit
        ? Scopes.All
        : NamesIn(json) is { } names && Array.TrueForAll(names, name => name is not null) && Scopes.TryParse(names!) is { } scopes
            ? scopes
            : throw new StoreException(StoreFault.Corrupt, $"The scopes {json} of a credential are none that this program knows.");

    private static string?[]? NamesIn(string json)
    {
        try
        {
            return JsonSerializer.Deserialize(json, ScopesJson.Default.StringArray);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

[JsonSerializable(typeof(string[]))]
internal sealed partial class ScopesJson : JsonSerializerContext;
