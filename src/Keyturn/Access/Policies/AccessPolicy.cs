using Keyturn.Audit;

namespace Keyturn.Access.Policies;

/// <summary>An access policy of a project, as it was written.</summary>
/// <param name="Id">Made by Keyturn.</param>
/// <param name="ProjectId">Whose.</param>
/// <param name="Name">Unique within the project.</param>
/// <param name="Document">JSON, see <see cref="PolicyReader"/>.</param>
/// <param name="CreatedAt">When it was added.</param>
public sealed record AccessPolicy(Guid Id, Guid ProjectId, string Name, string Document, DateTimeOffset CreatedAt);

/// <summary>Principals who have policies together.</summary>
/// <param name="Id">Made by Keyturn.</param>
/// <param name="ProjectId">Whose.</param>
/// <param name="Name">Unique within the project.</param>
/// <param name="CreatedAt">When it was added.</param>
public sealed record PrincipalGroup(Guid Id, Guid ProjectId, string Name, DateTimeOffset CreatedAt)
{
    /// <summary>Names of its principals, in order.</summary>
    public IReadOnlyList<string> Members { get; init; } = [];
}

/// <summary>A policy, and to whom it is attached.</summary>
/// <param name="Policy">The policy.</param>
/// <param name="Principals">Names of principals, in order.</param>
/// <param name="Groups">Names of groups, in order.</param>
public sealed record AttachedPolicy(AccessPolicy Policy, IReadOnlyList<string> Principals, IReadOnlyList<string> Groups);

/// <summary>Policies and groups. What is written is in force for the next request, on every node: nothing is kept between two requests.</summary>
public interface IPolicyStore
{
    /// <summary>The policies of a principal and of its groups, each once, by name.</summary>
    ValueTask<IReadOnlyList<AccessPolicy>> ListOfAsync(Guid principalId, CancellationToken cancel);

    /// <summary>The project's policies, by name.</summary>
    ValueTask<IReadOnlyList<AttachedPolicy>> ListAsync(Guid projectId, CancellationToken cancel);

    /// <summary>The policy of that name; null when the project has none.</summary>
    ValueTask<AttachedPolicy?> FindAsync(Guid projectId, string name, CancellationToken cancel);

    /// <summary>Whether an owner has the policy, by itself or by a group.</summary>
    ValueTask<bool> ReachesOwnerAsync(Guid policyId, CancellationToken cancel);

    /// <summary>Adds a policy, attached to nobody; false if its name is taken.</summary>
    ValueTask<bool> AddAsync(AccessPolicy policy, AuditEntry audit, CancellationToken cancel);

    /// <summary>Replaces name and document; false if the name is taken, or there is none any more.</summary>
    ValueTask<bool> ChangeAsync(AccessPolicy policy, AuditEntry audit, CancellationToken cancel);

    /// <summary>Forgets a policy, whoever has it; false if there is none.</summary>
    ValueTask<bool> RemoveAsync(Guid policyId, AuditEntry audit, CancellationToken cancel);

    /// <summary>Attaches a policy to a principal or a group (<paramref name="isGroup"/>). False if policy or holder were removed meanwhile. It is no matter if it is attached already.</summary>
    ValueTask<bool> AttachAsync(Guid policyId, Guid holderId, bool isGroup, AuditEntry audit, CancellationToken cancel);

    /// <summary>Takes a policy away again; false if it was not attached.</summary>
    ValueTask<bool> DetachAsync(Guid policyId, Guid holderId, bool isGroup, AuditEntry audit, CancellationToken cancel);

    /// <summary>The project's groups, by name.</summary>
    ValueTask<IReadOnlyList<PrincipalGroup>> ListGroupsAsync(Guid projectId, CancellationToken cancel);

    /// <summary>The group of that name; null when the project has none.</summary>
    ValueTask<PrincipalGroup?> FindGroupAsync(Guid projectId, string name, CancellationToken cancel);

    /// <summary>Whether an owner is a member.</summary>
    ValueTask<bool> HasOwnerAsync(Guid groupId, CancellationToken cancel);

    /// <summary>Adds a group without members; false if its name is taken.</summary>
    ValueTask<bool> AddGroupAsync(PrincipalGroup group, AuditEntry audit, CancellationToken cancel);

    /// <summary>Forgets a group: its members stay, without its policies. False if there is none.</summary>
    ValueTask<bool> RemoveGroupAsync(Guid groupId, AuditEntry audit, CancellationToken cancel);

    /// <summary>Makes a principal a member. False if group or principal were removed meanwhile. It is no matter if it is one already.</summary>
    ValueTask<bool> AddMemberAsync(Guid groupId, Guid principalId, AuditEntry audit, CancellationToken cancel);

    /// <summary>Takes a member out; false if it was none.</summary>
    ValueTask<bool> RemoveMemberAsync(Guid groupId, Guid principalId, AuditEntry audit, CancellationToken cancel);
}
