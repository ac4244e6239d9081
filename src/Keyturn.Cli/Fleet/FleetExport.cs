using System.Text.Json;
using System.Text.Json.Nodes;
using Keyturn.Cli.Output;

namespace Keyturn.Cli.Fleet;

/// <summary>What is registered, as a fleet file that changes nothing when it is applied. It holds no secret.</summary>
internal static class FleetExport
{
    public static JsonObject Of(IEnumerable<JsonElement> instances, Registered registered) => new()
    {
        ["instances"] = new JsonArray([.. instances.Select(instance => Of(instance, registered.AccountsOf(instance.Text("name"))))]),
    };

    private static JsonObject Of(JsonElement instance, IEnumerable<JsonElement> accounts)
    {
        var body = MembersOf(instance, FleetKeys.Instance);
        var held = accounts.Select(Of).OfType<JsonNode>().ToList();
        if (held.Count > 0)
        {
            body["accounts"] = new JsonArray([.. held]);
        }

        return body;
    }

    /// <summary>The members that are other than what is meant where a file does not name them.</summary>
    private static JsonObject MembersOf(JsonElement element, IReadOnlyList<FleetKey> keys)
    {
        var body = new JsonObject();
        foreach (var key in keys.Where(key => key.Name == key.Member && element.Member(key.Name) is not null))
        {
            if (ValueOf(element.Member(key.Name)!.Value, key) is { } value)
            {
                body[key.Name] = value;
            }
        }

        return body;
    }

    private static JsonNode? ValueOf(JsonElement value, FleetKey key) => key.Kind switch
    {
        ValueKind.Sections => new JsonArray([.. value.EnumerateArray().Select(item => MembersOf(item, key.Keys))]),
        ValueKind.Section => MembersOf(value, key.Keys) is { Count: > 0 } members ? members : null,
        ValueKind.Texts => JsonObject.Create(value) is { Count: > 0 } texts ? texts : null,
        _ => JsonNode.Parse(value.GetRawText()) is var node && key.IsRequired || !JsonNode.DeepEquals(node, key.Default) ? node : null,
    };

    /// <summary>The admin login is there anyway, unless something is said of it.</summary>
    private static JsonObject? Of(JsonElement account)
    {
        var body = MembersOf(account, FleetKeys.Account);
        var days = Planner.EveryDaysOf(account);
        if (days > 0)
        {
            body["every"] = Planner.Every(days);
        }

        return account.Text("is_admin") == "yes" && !body.ContainsKey("proof") && days == 0 ? null : body;
    }
}
