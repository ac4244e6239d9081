using Keyturn.Access;
using Keyturn.Access.Policies;
using Keyturn.Instances;

namespace Keyturn.Server.Access;

/// <summary>
/// Has an audit row for requests that the caller may not make, wherever that is found out: in the log before the answer goes out, also when nobody waits for it. The same
/// request again within a second is counted.
/// </summary>
internal static class RefusedAccess
{
    /// <summary>There is a row of the request.</summary>
    private sealed record Noted;

    /// <summary>A request has one row, also where an id is looked up as a name next.</summary>
    public static async ValueTask NoteRefusalAsync(this HttpContext http, string reason, string? action = null, Guid? instanceId = null, AccountName? account = null)
    {
        if (http.Features.Get<Noted>() is not null)
        {
            return;
        }

        var caller = http.Caller();
        var plain = new Caller(caller.PrincipalId, caller.PrincipalName, caller.ProjectId, caller.Source, "-");
        var beyond = new RefusedRows.Refused(plain, "access", $"{action ?? http.RequiredAction()?.Name}") { Group = caller.PrincipalId };
        var refused = beyond with { InstanceId = instanceId, Account = account?.ToString(), Named = $"{http.Request.Path}{http.Request.QueryString}", Beyond = beyond };
        await http.RequestServices.GetRequiredService<RefusedRows>().NoteAsync(refused, caller.RequestId, () => ValueTask.FromResult(reason));
        http.Features.Set(new Noted());
    }

    /// <summary>Of something that a handler asks for beside what its route does, and that the caller may not do.</summary>
    public static ValueTask NoteRefusalAsync(this HttpContext http, RequestedAction action, Instance instance, AccountName? account = null)
    {
        var caller = http.Caller();
        var reason = caller.Scopes.Allows(action.Name) ? caller.Permissions?.Decide(action, instance).Reason ?? "" : $"The credential's scopes leave {action.Name} out.";
        return http.NoteRefusalAsync(reason, action.Name, instance.Id, account);
    }
}
