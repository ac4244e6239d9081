using System.Text.Json;
using System.Text.Json.Nodes;
using Keyturn.Instances;
using Keyturn.Server.Access;
using Keyturn.Server.Hosting;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Keyturn.Server.Api.Instances;

internal static class ChangeInstance
{
    /// <summary>Changes some members of a registration (JSON merge patch, RFC 7396). The server is probed again, and not changed.</summary>
    public static async Task<Results<Ok<InstanceAnswer>, JsonHttpResult<Problem>>> HandleAsync(
        PathText instance, HttpContext http, IInstanceStore instances, Registrar registrar, CancellationToken cancel)
    {
        var patch = await JsonBody.ReadAsync(http, ApiJson.Default.JsonObject, cancel);
        if (await instances.FindAsync(http.Caller(), instance, cancel) is not { } present)
        {
            return Problems.InstanceMissing(http, instance);
        }

        var merged = patch.Fault is null ? Merge(present.Body(), patch.Value ?? []) : new JsonBody<InstanceBody>(Value: null, patch.Fault);
        if (merged.Value is not { } body)
        {
            return Problems.Malformed(http, merged.Fault!);
        }

        var outcome = await registrar.ChangeAsync(http.Caller(), present, body.Draft(), cancel);
        return outcome.Instance is { } changed ? TypedResults.Ok(changed.Answer()) : Problems.Of(http, outcome.Refusal!);
    }

    private static JsonBody<InstanceBody> Merge(InstanceBody present, JsonObject patch)
    {
        try
        {
            var target = JsonSerializer.SerializeToNode(present, ApiJson.Default.InstanceBody)!.AsObject();
            Merge(target, patch);
            return new JsonBody<InstanceBody>(target.Deserialize(ApiJson.Default.InstanceBody));
        }
        catch (JsonException fault)
        {
            return new JsonBody<InstanceBody>(Value: null, JsonBody.Sentence(fault.Path));
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
