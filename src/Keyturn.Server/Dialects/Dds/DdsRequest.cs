using System.Text.Json.Serialization.Metadata;
using Keyturn.Instances;
using Keyturn.Server.Access;
using Keyturn.Server.Dialects.HuaweiIam;
using Keyturn.Server.Hosting;

namespace Keyturn.Server.Dialects.Dds;

/// <summary>What a call is about: its instance and its body, or why it has not both.</summary>
internal sealed record DdsRequest<T>(Instance? Instance, T? Body, IResult? Refusal)
    where T : class;

/// <summary>What all handlers do first, and last.</summary>
internal static class DdsRequest
{
    public static async ValueTask<DdsRequest<T>> ReadAsync<T>(HttpContext http, PathText id, IInstanceStore instances, JsonTypeInfo<T> type, CancellationToken cancel)
        where T : class
    {
        var body = await JsonBody.ReadAsync(http, type, cancel);
        if (body.Value is null)
        {
            return new DdsRequest<T>(Instance: null, Body: null, DdsErrors.Answer(http, DdsError.Parameter, body.Fault));
        }

        var (instance, refusal) = await FindAsync(http, id, instances, cancel);
        return new DdsRequest<T>(instance, body.Value, refusal);
    }

    /// <summary>The instance, or the answer that there is none. Servers of other engines are none of DDS's.</summary>
    public static async ValueTask<(Instance? Instance, IResult? Refusal)> FindAsync(HttpContext http, PathText id, IInstanceStore instances, CancellationToken cancel)
    {
        if (HuaweiId.TryParse(id.Text, HuaweiId.Dds) is not { } known)
        {
            return (null, DdsErrors.Answer(http, DdsError.InstanceId));
        }

        return await http.FindInstanceAsync(instances, known, cancel) is { } instance && DdsInstances.IsOne(instance)
            ? (instance, null)
            : (null, DdsErrors.Answer(http, DdsError.InstanceMissing));
    }

    /// <summary>200 and nothing: Open Telekom Cloud's clients take no other status for a success.</summary>
    public static IResult Done() => TypedResults.Json(DdsNothing.Instance, DdsJson.Default.DdsNothing);
}
