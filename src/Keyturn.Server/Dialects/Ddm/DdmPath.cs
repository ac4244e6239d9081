using Keyturn.Instances;
using Keyturn.Server.Access;
using Keyturn.Server.Dialects.HuaweiIam;
using Keyturn.Server.Hosting;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Keyturn.Server.Dialects.Ddm;

/// <summary>Ids of a path, whose form is looked at before anything else.</summary>
internal static class DdmPath
{
    public const string InstanceId = "instance_id";

    /// <summary>The two engines that speak MySQL's protocol, as DDM's instances do.</summary>
    private static readonly string[] Engines = ["mysql", "mariadb"];

    /// <summary>32 letters and digits.</summary>
    public static bool IsProject(string? text) => text is { Length: 32 } && text.All(char.IsAsciiLetterOrDigit);

    public static bool IsDdm(Instance instance) => Engines.Contains(instance.Engine);

    /// <summary>The instance that the path names: in the caller's project, with its id as 36 letters and digits of which the last are DDM's.</summary>
    public static async ValueTask<(Instance? Instance, JsonHttpResult<DdmError>? Error)> InstanceAsync(
        HttpContext http, PathText instanceId, IInstanceStore instances, CancellationToken cancel)
    {
        var text = instanceId.Text;
        if (text.Length != 36 || !text.All(char.IsAsciiLetterOrDigit) || !text.EndsWith(HuaweiId.Ddm, StringComparison.OrdinalIgnoreCase))
        {
            return (null, DdmErrors.Answer(http, DdmFault.Parameter, "The instance_id has 36 letters and digits and ends in in09."));
        }

        var found = HuaweiId.TryParse(text, HuaweiId.Ddm) is { } id ? await http.FindInstanceAsync(instances, id, cancel) : null;
        return found is not null && IsDdm(found) ? (found, null) : (null, DdmErrors.Answer(http, DdmFault.InstanceMissing));
    }
}
