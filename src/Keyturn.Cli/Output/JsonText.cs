using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Keyturn.Cli.Output;

/// <summary>The API's JSON, for reading and for printing.</summary>
internal static class JsonText
{
    /// <summary>Escapes what JSON or a terminal must not see; leaves <c>+</c> and the like alone, for passwords are copied from here.</summary>
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The JSON as the API sent it, but without its <c>password</c> and <c>secret</c> members unless they may be shown.</summary>
    public static string Of(JsonElement body, bool showPasswords)
    {
        if (showPasswords || JsonNode.Parse(body.GetRawText()) is not { } node)
        {
            return JsonSerializer.Serialize(body, Indented);
        }

        RemovePasswords(node);
        return node.ToJsonString(Indented);
    }

    /// <summary>JSON of the command's own, which holds no password.</summary>
    public static string Of(JsonNode body) => body.ToJsonString(Indented);

    /// <summary>The member as text for people: empty when it is missing or null, <c>yes</c> and <c>no</c> for booleans.</summary>
    public static string Text(this JsonElement element, string member) => element.Member(member) switch
    {
        { ValueKind: JsonValueKind.String } value => value.GetString()!,
        { ValueKind: JsonValueKind.True } => "yes",
        { ValueKind: JsonValueKind.False } => "no",
        { ValueKind: JsonValueKind.Number } value => value.GetRawText(),
        { ValueKind: JsonValueKind.Array } value => string.Join("; ", value.EnumerateArray().Select(item => item.ToString())),
        _ => "",
    };

    /// <summary>The member, if it is there and not null.</summary>
    public static JsonElement? Member(this JsonElement element, string member) =>
        element.ValueKind is JsonValueKind.Object && element.TryGetProperty(member, out var value) && value.ValueKind is not JsonValueKind.Null ? value : null;

    /// <summary>The items of the array; none when it is missing.</summary>
    public static IEnumerable<JsonElement> Items(this JsonElement element, string member) =>
        element.Member(member) is { ValueKind: JsonValueKind.Array } array ? array.EnumerateArray() : [];

    private static void RemovePasswords(JsonNode node)
    {
        if (node is JsonObject members)
        {
            members.Remove("password");
            members.Remove("secret");
        }

        IEnumerable<JsonNode?> children = node switch
        {
            JsonObject inner => inner.Select(member => member.Value),
            JsonArray items => items,
            _ => [],
        };
        foreach (var child in children.OfType<JsonNode>())
        {
            RemovePasswords(child);
        }
    }
}
