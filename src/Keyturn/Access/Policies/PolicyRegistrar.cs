using Keyturn.Audit;

namespace Keyturn.Access.Policies;

/// <summary>A policy as it is now, or why nothing was changed.</summary>
/// <param name="Policy">The policy; null when it was refused.</param>
/// <param name="Refusal">Nothing was changed.</param>
public sealed record PolicyOutcome(AccessPolicy? Policy, Refusal? Refusal = null);

/// <summary>A group as it is now, or why nothing was changed.</summary>
/// <param name="Group">The group; null when it was refused.</param>
/// <param name="Refusal">Nothing was changed.</param>
public sealed record GroupOutcome(PrincipalGroup? Group, Refusal? Refusal = null);

/// <summary>Adds, changes and removes the access policies and groups of the caller's project. Whoever may do that may give themselves any right; those of owners are owners' to change.</summary>
public sealed class PolicyRegistrar(IPolicyStore policies, IAuditLog audit, TimeProvider clock)
{
    /// <summary>Adds a policy, attached to nobody.</summary>
    public async ValueTask<PolicyOutcome> AddAsync(Caller caller, string name, string document, CancellationToken cancel)
    {
        var now = clock.GetUtcNow();
        var policy = new AccessPolicy(Guid.CreateVersion7(now), caller.ProjectId, name, document, now);
        return Refuse(policy) is { } refusal ? new PolicyOutcome(Policy: null, refusal)
            : await policies.AddAsync(policy, Entry(caller, "policy.add", $"{name}: {document}"), cancel) ? new PolicyOutcome(policy)
            : new PolicyOutcome(Policy: null, Taken("policy", name));
    }

    /// <summary>Gives a policy another name or document; whoever has it has it on.</summary>
    public async ValueTask<PolicyOutcome> ChangeAsync(Caller caller, AccessPolicy present, string name, string document, CancellationToken cancel)
    {
        var changed = present with { Name = name, Document = document };
        var entry = Entry(caller, "policy.change", $"{present.Name} is now {name}: {document}");
        return (Refuse(changed) ?? await RefuseOwnersAsync(entry, await policies.ReachesOwnerAsync(present.Id, cancel))) is { } refusal ? new PolicyOutcome(Policy: null, refusal)
            : await policies.ChangeAsync(changed, entry, cancel) ? new PolicyOutcome(changed)
            : new PolicyOutcome(Policy: null, Taken("policy", name));
    }

    /// <summary>Forgets a policy: whoever had it has it no more. Changes nothing if it was removed meanwhile.</summary>
    public async ValueTask<ChangeOutcome> RemoveAsync(Caller caller, AccessPolicy policy, CancellationToken cancel) => await ChangeAsync(
        Entry(caller, "policy.remove", policy.Name), await policies.ReachesOwnerAsync(policy.Id, cancel), entry => policies.RemoveAsync(policy.Id, entry, cancel));

    /// <summary>Gives a policy to a principal. Changes nothing if either was removed meanwhile.</summary>
    public ValueTask<ChangeOutcome> AttachAsync(Caller caller, AccessPolicy policy, Principal principal, CancellationToken cancel) => ChangeAsync(
        Entry(caller, "policy.attach", $"{policy.Name} to {principal.Name}"), principal.IsOwner, entry => policies.AttachAsync(policy.Id, principal.Id, isGroup: false, entry, cancel));

    /// <summary>Gives a policy to all members of a group. Changes nothing if either was removed meanwhile.</summary>
    public async ValueTask<ChangeOutcome> AttachAsync(Caller caller, AccessPolicy policy, PrincipalGroup group, CancellationToken cancel) => await ChangeAsync(
        Entry(caller, "policy.attach", $"{policy.Name} to group {group.Name}"), await policies.HasOwnerAsync(group.Id, cancel),
        entry => policies.AttachAsync(policy.Id, group.Id, isGroup: true, entry, cancel));

    /// <summary>Takes a policy away from a principal. Changes nothing if it was not attached.</summary>
    public ValueTask<ChangeOutcome> DetachAsync(Caller caller, AccessPolicy policy, Principal principal, CancellationToken cancel) => ChangeAsync(
        Entry(caller, "policy.detach", $"{policy.Name} from {principal.Name}"), principal.IsOwner, entry => policies.DetachAsync(policy.Id, principal.Id, isGroup: false, entry, cancel));

    /// <summary>Takes a policy away from a group. Changes nothing if it was not attached.</summary>
    public async ValueTask<ChangeOutcome> DetachAsync(Caller caller, AccessPolicy policy, PrincipalGroup group, CancellationToken cancel) => await ChangeAsync(
        Entry(caller, "policy.detach", $"{policy.Name} from group {group.Name}"), await policies.HasOwnerAsync(group.Id, cancel),
        entry => policies.DetachAsync(policy.Id, group.Id, isGroup: true, entry, cancel));

    /// <summary>Adds a group without members.</summary>
    public async ValueTask<GroupOutcome> AddGroupAsync(Caller caller, string name, CancellationToken cancel)
    {
        var now = clock.GetUtcNow();
        var group = new PrincipalGroup(Guid.CreateVersion7(now), caller.ProjectId, name, now);
        return AccessRules.BrokenName(name).ToList() is { Count: > 0 } broken ? new GroupOutcome(Group: null, AccessRules.Refuse(broken))
            : await policies.AddGroupAsync(group, Entry(caller, "group.add", name), cancel) ? new GroupOutcome(group)
            : new GroupOutcome(Group: null, Taken("group", name));
    }

    /// <summary>Forgets a group: its members stay, without its policies. Changes nothing if it was removed meanwhile.</summary>
    public async ValueTask<ChangeOutcome> RemoveGroupAsync(Caller caller, PrincipalGroup group, CancellationToken cancel) => await ChangeAsync(
        Entry(caller, "group.remove", group.Name), await policies.HasOwnerAsync(group.Id, cancel), entry => policies.RemoveGroupAsync(group.Id, entry, cancel));

    /// <summary>Makes a principal a member of a group. Changes nothing if either was removed meanwhile.</summary>
    public ValueTask<ChangeOutcome> AddMemberAsync(Caller caller, PrincipalGroup group, Principal principal, CancellationToken cancel) => ChangeAsync(
        Entry(caller, "group.add-member", $"{principal.Name} to {group.Name}"), principal.IsOwner, entry => policies.AddMemberAsync(group.Id, principal.Id, entry, cancel));

    /// <summary>Takes a principal out of a group. Changes nothing if it was no member.</summary>
    public ValueTask<ChangeOutcome> RemoveMemberAsync(Caller caller, PrincipalGroup group, Principal principal, CancellationToken cancel) => ChangeAsync(
        Entry(caller, "group.remove-member", $"{principal.Name} from {group.Name}"), principal.IsOwner, entry => policies.RemoveMemberAsync(group.Id, principal.Id, entry, cancel));

    private async ValueTask<ChangeOutcome> ChangeAsync(AuditEntry entry, bool reachesOwner, Func<AuditEntry, ValueTask<bool>> change) =>
        await RefuseOwnersAsync(entry, reachesOwner) is { } refusal ? new ChangeOutcome(IsChanged: false, refusal) : new ChangeOutcome(await change(entry));

    /// <summary>A deny holds for owners too: who is none could shut them all out with one, or take away what they are limited by. That it was tried is in the log.</summary>
    private async ValueTask<Refusal?> RefuseOwnersAsync(AuditEntry entry, bool reachesOwner)
    {
        if (!reachesOwner || entry.Caller.IsOwner)
        {
            return null;
        }

        await audit.AppendAsync(entry with { Outcome = "refused" }, CancellationToken.None);
        return new Refusal(RefusalReason.Forbidden, "Only an owner of the project changes which policies an owner has, and what they say.");
    }

    private static Refusal? Refuse(AccessPolicy policy) =>
        AccessRules.BrokenName(policy.Name).Concat(PolicyReader.Read(policy.Document).Violations).ToList() is { Count: > 0 } broken ? AccessRules.Refuse(broken) : null;

    private static Refusal Taken(string what, string name) => new(RefusalReason.Conflict, $"The project has a {what} {name} already, or this one was removed meanwhile.");

    private static AuditEntry Entry(Caller caller, string action, string detail) => new() { Caller = caller, Action = action, Outcome = "done", Detail = detail };
}
