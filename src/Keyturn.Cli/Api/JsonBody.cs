using System.Text.Json.Nodes;

namespace Keyturn.Cli.Api;

/// <summary>Bodies of requests: a member that was not given is not there, which on a change means "as it was".</summary>
internal static class JsonBody
{
    public static void AddIfGiven(this JsonObject body, string member, JsonNode? value)
    {
        if (value is not null)
        {
            body[member] = value;
        }
    }
}
