using Keyturn.Engines;
using Keyturn.Instances;

namespace Keyturn.Server.Dialects.GaussDb;

/// <summary>GaussDB's words for the status of an instance.</summary>
internal static class GaussDbStatus
{
    /// <summary>
    /// What the operator says. That the instance could not be reached is left out: Terraform repeats a request only when it sees <c>ACTIVE</c>, and
    /// only a request would find out that it can be reached again.
    /// </summary>
    public static string Of(Instance instance) => instance.Status switch
    {
        InstanceStatus.Active => "ACTIVE",
        InstanceStatus.Frozen => "FROZEN",
        InstanceStatus.Abnormal => "FAILED",
        InstanceStatus.Creating => "BUILD",
        InstanceStatus.Modifying => "MODIFYING",
        InstanceStatus.Restarting => "REBOOTING",
        InstanceStatus.Restoring => "RESTORING",
        InstanceStatus.StorageFull => "STORAGE FULL",
        _ => throw new ArgumentOutOfRangeException(nameof(instance), instance.Status, message: null),
    };

    /// <summary>The four words of <c>/v3.1</c>, of which one is for an instance that cannot be reached.</summary>
    public static string Unified(Instance instance, Failure? unreached) => instance.Status switch
    {
        InstanceStatus.Creating => "creating",
        InstanceStatus.Frozen or InstanceStatus.Abnormal or InstanceStatus.StorageFull => "abnormal",
        _ when unreached is not null => "abnormal",
        _ => "normal",
    };
}
