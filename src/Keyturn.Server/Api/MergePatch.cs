using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Keyturn.Server.Hosting;

namespace Keyturn.Server.Api;

/// <summary>JSON merge patch (RFC 7396): members that are named replace, <c>null</c> removes, the others stay.</summary>
internal static class MergePatch
{
    /// <summary>The patched body, or which member of it has the wrong type.</summary>
    public static JsonBody<T> Apply<T>(T present, JsonObject patch, JsonTypeInfo<T> type)
        where T : class
    {
        try
        {
            var target = JsonSerializer.SerializeToNode(present, type)!.AsObject();
            Merge(target, patch);
            return new JsonBody<T>(target.Deserialize(type));
        }
        catch (JsonException fault)
        {
            return new JsonBody<T>(Value: null, JsonBody.Sentence(fault.Path));
        }
    }

    private static void Merge(JsonObject target, JsonObject patch)
    {
        foreach (var (name, value) in patch)
        {
            if (value is JsonObject inner && target[name] is JsonObject outer)
            {
                Merge(outer, inner);
            }
            else if (value is null)
            {
                target.Remove(name);
            }
            else
            {
                target[name] = value.DeepClone();
            }
        }
    }
}
