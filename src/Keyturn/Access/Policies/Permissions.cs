using Keyturn.Instances;

namespace Keyturn.Access.Policies;

/// <summary>What one request may do: the rights of its principal, in its project, from where it comes, now.</summary>
/// <param name="principal">Who.</param>
/// <param name="project">In which project.</param>
/// <param name="rights">What its policies say.</param>
/// <param name="source">Address of the client.</param>
/// <param name="clock">When.</param>
public sealed class Permissions(Principal principal, Project project, Rights rights, string source, TimeProvider clock)
{
    /// <summary>Whether there is anything that the action is allowed with.</summary>
    public bool MayAllow(RequestedAction action) => rights.MayAllow(action);

    /// <summary>Whether an action is allowed that is done to an instance.</summary>
    public Decision Decide(RequestedAction action, Instance instance) => Decide(action, AccessResource.Of(instance, project));

    /// <summary>Whether an action is allowed with any instance of that id, whatever its name, region, tags and enterprise project: only then may it be told that there is none.</summary>
    public Decision DecideMissing(RequestedAction action, Guid instanceId) => Decide(action, AccessResource.OfMissing(instanceId, project));

    /// <summary>Whether an action is allowed that is done to the project as a whole.</summary>
    public Decision Decide(RequestedAction action) => Decide(action, AccessResource.Of(project, action.Name));

    private Decision Decide(RequestedAction action, AccessResource resource) =>
        rights.Decide(new AccessRequest(action, resource, principal, project, source, clock.GetUtcNow()));
}
