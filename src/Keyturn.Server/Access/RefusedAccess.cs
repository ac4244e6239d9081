using Keyturn.Access.Policies;
using Keyturn.Audit;
using Keyturn.Instances;

namespace Keyturn.Server.Access;

/// <summary>Has an audit row for each request that the caller may not make, wherever that is found out: in the log before the answer goes out, also when nobody waits for it.</summary>
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

        var entry = new AuditEntry
        {
            Caller = http.Caller(),
            Action = "access",
            Outcome = "refused",
            InstanceId = instanceId,
            Account = account?.ToString(),
            Detail = $"{action ?? http.RequiredAction()?.Name}: {reason}",
        };
        await http.RequestServices.GetRequiredService<IAuditLog>().AppendAsync(entry, CancellationToken.None);
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
