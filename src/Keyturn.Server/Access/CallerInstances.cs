#pragma warning disable RS0030 // This is the place that the others are sent to.
using Keyturn.Access;
using Keyturn.Access.Policies;
using Keyturn.Instances;
using Keyturn.Server.Doors;

namespace Keyturn.Server.Access;

/// <summary>The caller may not do what the route does, with the instance that it was found to be about. <see cref="AccessCheck"/> answers it.</summary>
internal sealed class AccessDeniedException(string reason, Guid? instanceId, RequestedAction? action = null, AccountName? account = null) : Exception(reason)
{
    /// <summary>What it may not do; null for what the route does.</summary>
    public RequestedAction? Action => action;

    /// <summary>Which instance; null when there is none.</summary>
    public Guid? InstanceId => instanceId;

    /// <summary>Which account of it; null where it is about none.</summary>
    public AccountName? Account => account;
}

/// <summary>
/// The instances of the caller's project, as far as the caller may do with them what the route does. Handlers get an instance no other way, so that
/// none acts on one before it was decided that it may.
/// </summary>
internal static class CallerInstances
{
    /// <summary>The instance; null when there is none, or when the door does not tell the caller that there is.</summary>
    /// <exception cref="AccessDeniedException">The caller may not.</exception>
    public static async ValueTask<Instance?> FindInstanceAsync(this HttpContext http, IInstanceStore instances, Guid id, CancellationToken cancel) =>
        await AdmitAsync(http, await instances.FindAsync(http.Caller().ProjectId, id, cancel), id);

    /// <summary>The same by name. Only for doors that hide.</summary>
    /// <exception cref="AccessDeniedException">The caller may not.</exception>
    public static async ValueTask<Instance?> FindInstanceAsync(this HttpContext http, IInstanceStore instances, string name, CancellationToken cancel)
    {
        var found = await instances.FindByNameAsync(http.Caller().ProjectId, name, cancel);
        return await AdmitAsync(http, found, found?.Id ?? Guid.Empty);
    }

    /// <summary>
    /// The instance by name or id, for what is only told of it; null also when the caller may not read it, whatever else the route does. Only for doors that hide.
    /// </summary>
    public static async ValueTask<Instance?> FindReadableInstanceAsync(this HttpContext http, IInstanceStore instances, string idOrName, CancellationToken cancel)
    {
        var (project, read) = (http.Caller().ProjectId, new RequestedAction(KeyturnAction.ReadInstance));
        var byId = Guid.TryParseExact(idOrName, "D", out var id) ? await AdmitAsync(http, await instances.FindAsync(project, id, cancel), id, read) : null;
        if (byId is not null)
        {
            return byId;
        }

        var found = await instances.FindByNameAsync(project, idOrName, cancel);
        return await AdmitAsync(http, found, found?.Id ?? Guid.Empty, read);
    }

    /// <summary>
    /// The instance that a job is about. Where there is no such job, the same is decided about an instance that there is not: so the caller is not told which jobs there are
    /// of instances that it may not know of.
    /// </summary>
    /// <exception cref="AccessDeniedException">The caller may not.</exception>
    public static ValueTask<Instance?> FindInstanceOfJobAsync(this HttpContext http, IInstanceStore instances, Guid jobId, Guid? instanceId, CancellationToken cancel) =>
        http.FindInstanceAsync(instances, instanceId ?? jobId, cancel);

    /// <summary>Those with which the caller may do what the route does, by name.</summary>
    public static async ValueTask<IReadOnlyList<Instance>> ListInstancesAsync(this HttpContext http, IInstanceStore instances, CancellationToken cancel)
    {
        var all = await instances.ListAsync(http.Caller().ProjectId, cancel);
        return http.Caller().Permissions is null ? all : [.. all.Where(instance => http.Caller().May(http.RequiredAction()!, instance))];
    }

    /// <summary>Whether the caller may also do something else than the route does: one of <see cref="KeyturnAction"/>.</summary>
    public static bool May(this HttpContext http, string action, Instance instance) => http.Caller().May(new RequestedAction(action), instance);

    private static ValueTask<Instance?> AdmitAsync(HttpContext http, Instance? found, Guid id) => AdmitAsync(http, found, id, http.RequiredAction()!);

    private static async ValueTask<Instance?> AdmitAsync(HttpContext http, Instance? found, Guid id, RequestedAction action)
    {
        if (Refuse(http.Caller(), action, found, id) is not { } reason)
        {
            return found;
        }

        // Decided also of what there is not, which would take less time else.
        var mayRead = Refuse(http.Caller(), new RequestedAction(KeyturnAction.ReadInstance), found, id) is null;
        if (!http.Door().HidesInstances || (found is not null && mayRead))
        {
            throw new AccessDeniedException(reason, found?.Id);
        }

        // As well of what there is not, which would be answered sooner else.
        await http.NoteRefusalAsync(reason, action.Name, found?.Id);
        return null;
    }

    /// <summary>Why the caller may not do it with that instance, or with one of that id where there is none; null when it may.</summary>
    private static string? Refuse(Caller caller, RequestedAction action, Instance? found, Guid id)
    {
        if (!caller.Scopes.Allows(action.Name))
        {
            return $"The credential's scopes leave {action.Name} out.";
        }

        var decision = found is null ? caller.Permissions?.DecideMissing(action, id) : caller.Permissions?.Decide(action, found);
        return decision is { IsAllowed: false } ? decision.Reason : null;
    }
}
