using Keyturn.Access.Policies;
using Keyturn.Instances;

namespace Keyturn.Access;

/// <summary>Who calls, inside which project, and from where: what audit rows and idempotency keys are written under.</summary>
/// <param name="PrincipalId">The principal.</param>
/// <param name="PrincipalName">Its name, for people.</param>
/// <param name="ProjectId">The project of the request.</param>
/// <param name="Source">Address of the client, or <c>local</c>.</param>
/// <param name="RequestId">Of this one request.</param>
public sealed record Caller(Guid PrincipalId, string PrincipalName, Guid ProjectId, string Source, string RequestId)
{
    /// <summary>What the credential that was shown may be used for.</summary>
    public Scopes Scopes { get; init; } = Scopes.All;

    /// <summary>What its policies allow; null where none limits it: for an owner who has none, and for Keyturn itself.</summary>
    public Permissions? Permissions { get; init; }

    /// <summary>Whether it is an owner of the project.</summary>
    public bool IsOwner { get; init; }

    /// <summary>Whether the credential is for the action, and the policies allow it with that instance.</summary>
    public bool May(RequestedAction action, Instance instance) => Scopes.Allows(action.Name) && Permissions?.Decide(action, instance).IsAllowed != false;

    /// <summary>Keyturn itself: the reconciler and start-up.</summary>
    public static Caller Keyturn(Guid projectId) => new(Guid.Empty, "keyturn", projectId, "local", "-");
}
