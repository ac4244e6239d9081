using Keyturn.Audit;

namespace Keyturn.Access;

/// <summary>A principal as it is now, or why nothing was changed.</summary>
/// <param name="Principal">The principal; null when it was refused.</param>
/// <param name="Refusal">Nothing was changed.</param>
public sealed record PrincipalOutcome(Principal? Principal, Refusal? Refusal = null);

/// <summary>Whether something was changed, or why not.</summary>
/// <param name="IsChanged">False where there was nothing to change.</param>
/// <param name="Refusal">Nothing was changed.</param>
public sealed record ChangeOutcome(bool IsChanged, Refusal? Refusal = null);

/// <summary>A project as it is now, or why nothing was changed.</summary>
/// <param name="Project">The project; null when it was refused.</param>
/// <param name="Refusal">Nothing was changed.</param>
public sealed record ProjectOutcome(Project? Project, Refusal? Refusal = null);

/// <summary>Adds, changes and removes the principals of the caller's project, and changes that project.</summary>
public sealed class PrincipalRegistrar(IPrincipalStore principals, IAuditLog audit, TimeProvider clock)
{
    /// <summary>Adds a principal, which can do nothing before it has a credential and, unless it is an owner, a policy.</summary>
    public async ValueTask<PrincipalOutcome> AddAsync(Caller caller, string name, string? email, bool isOwner, CancellationToken cancel)
    {
        var now = clock.GetUtcNow();
        var principal = new Principal(Guid.CreateVersion7(now), caller.ProjectId, name, now) { Email = email, IsOwner = isOwner };
        var entry = Entry(caller, "principal.add", Describe(principal));
        if ((Refuse(AccessRules.Broken(principal)) ?? await RefuseOwnerAsync(entry, isOwner)) is { } refusal)
        {
            return new PrincipalOutcome(Principal: null, refusal);
        }

        return await principals.AddAsync(principal, entry, cancel) ? new PrincipalOutcome(principal) : Taken(principal);
    }

    /// <summary>Gives a principal another name, which only an owner may, or address. Its credentials stay.</summary>
    public async ValueTask<PrincipalOutcome> ChangeAsync(Caller caller, Principal present, string name, string? email, CancellationToken cancel)
    {
        var changed = present with { Name = name, Email = email };
        var entry = Entry(caller, "principal.change", $"{Describe(present)} is now {Describe(changed)}");
        var renamed = name != present.Name;
        if ((Refuse(AccessRules.Broken(changed)) ?? await RefuseOwnerAsync(entry, present.IsOwner) ?? await ForOwnersAsync(entry, renamed, "renames principals: policies may name them")) is { } refusal)
        {
            return new PrincipalOutcome(Principal: null, refusal);
        }

        return await principals.ChangeAsync(changed, entry, cancel) ? new PrincipalOutcome(changed) : Taken(changed);
    }

    /// <summary>Forgets a principal with all its credentials. Not the caller's own: a project that nobody can manage would be left behind.</summary>
    public async ValueTask<Refusal?> RemoveAsync(Caller caller, Principal principal, CancellationToken cancel)
    {
        if (principal.Id == caller.PrincipalId)
        {
            return new Refusal(RefusalReason.Conflict, $"{principal.Name} is you: another principal has to remove it.");
        }

        var entry = Entry(caller, "principal.remove", Describe(principal));
        if (await RefuseOwnerAsync(entry, principal.IsOwner) is { } refusal)
        {
            return refusal;
        }

        return await principals.RemoveAsync(principal.Id, entry, cancel)
            ? null
            : new Refusal(RefusalReason.Conflict, $"{principal.Name} was removed meanwhile.");
    }

    /// <summary>Revokes a credential, the one that the caller shows too. Changes nothing if the principal has no such one.</summary>
    public async ValueTask<ChangeOutcome> RevokeAsync(Caller caller, Principal principal, Guid credentialId, CancellationToken cancel)
    {
        var entry = Entry(caller, "credential.revoke", $"{credentialId} of {principal.Name}");
        return await RefuseOwnerAsync(entry, principal.IsOwner) is { } refusal
            ? new ChangeOutcome(IsChanged: false, refusal)
            : new ChangeOutcome(await principals.RevokeAsync(principal.Id, credentialId, entry, cancel));
    }

    /// <summary>Gives the caller's project another name or region, which only an owner may: policies name both, in conditions and in every URN.</summary>
    public async ValueTask<ProjectOutcome> ChangeProjectAsync(Caller caller, Project changed, CancellationToken cancel)
    {
        var entry = Entry(caller, "project.change", $"name {changed.Name}, region {changed.Region}");
        if ((Refuse(AccessRules.Broken(changed)) ?? await ForOwnersAsync(entry, applies: true, "changes its name or region: policies may name them")) is { } refusal)
        {
            return new ProjectOutcome(Project: null, refusal);
        }

        return await principals.ChangeProjectAsync(changed, entry, cancel)
            ? new ProjectOutcome(changed)
            : new ProjectOutcome(Project: null, new Refusal(RefusalReason.Conflict, $"There is a project {changed.Name} already."));
    }

    private static Refusal? Refuse(IEnumerable<Violation> broken) => broken.ToList() is { Count: > 0 } violations ? AccessRules.Refuse(violations) : null;

    /// <summary>Who may do less than everything does not become an owner by way of one.</summary>
    private ValueTask<Refusal?> RefuseOwnerAsync(AuditEntry entry, bool isOwner) => ForOwnersAsync(entry, isOwner, "makes, changes or removes an owner, or revokes an owner's credentials");

    /// <summary>Refuses who is no owner, where it applies; that it was tried is in the log.</summary>
    private async ValueTask<Refusal?> ForOwnersAsync(AuditEntry entry, bool applies, string what)
    {
        if (!applies || entry.Caller.IsOwner)
        {
            return null;
        }

        await audit.AppendAsync(entry with { Outcome = "refused" }, CancellationToken.None);
        return new Refusal(RefusalReason.Forbidden, $"Only an owner of the project {what}.");
    }

    private static PrincipalOutcome Taken(Principal principal) => new(
        Principal: null, new Refusal(RefusalReason.Conflict, $"The name {principal.Name}{(principal.Email is null ? " is" : " or the address is")} taken, or it was removed meanwhile."));

    private static string Describe(Principal principal) => $"{principal.Name}{(principal.Email is { } email ? $" <{email}>" : "")}{(principal.IsOwner ? ", an owner" : "")}";

    private static AuditEntry Entry(Caller caller, string action, string detail) => new() { Caller = caller, Action = action, Outcome = "done", Detail = detail };
}
