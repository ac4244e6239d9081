#pragma warning disable RS0030 // This is the place that the others are sent to.
using Keyturn.Access;
using Keyturn.Access.Policies;
using Keyturn.Instances;
using Keyturn.Resets;

namespace Keyturn.Server.Access;

/// <summary>
/// The resets that callers ask for. Handlers make a request for one no other way, so that the admin login, with which Keyturn may do everything on its
/// server, gets no new password from who may only reset accounts.
/// </summary>
internal static class CallerResets
{
    /// <summary>A reset, for the handler to fill in and run.</summary>
    /// <param name="http">The request.</param>
    /// <param name="instance">As the caller's policies let the handler find it.</param>
    /// <param name="account">Whose password.</param>
    /// <param name="operation">Through which door, by name.</param>
    /// <param name="shows">Whether the answer always shows the new password.</param>
    /// <param name="ofAdministrator">
    /// The route is the provider's for its administrator, and the account is that by registration: the provider's name of the action is enough, where
    /// Keyturn's own for resets is not.
    /// </param>
    /// <exception cref="AccessDeniedException">It is the admin login, and the caller may not.</exception>
    public static ResetRequest NewReset(this HttpContext http, Instance instance, AccountName account, string operation, bool shows = false, bool ofAdministrator = false)
    {
        http.RequireForAdmin(instance, account, shows, ofAdministrator);
        return new ResetRequest(http.Caller(), instance, account, operation);
    }

    /// <summary>Refuses who may not give this account a password, by way of a schedule too.</summary>
    /// <exception cref="AccessDeniedException">It is the admin login, and the caller may not.</exception>
    public static void RequireForAdmin(this HttpContext http, Instance instance, AccountName account, bool shows = false, bool ofAdministrator = false)
    {
        if (!instance.IsAdmin(account))
        {
            return;
        }

        http.Require(new RequestedAction(KeyturnAction.RotateAdmin, ofAdministrator ? http.RequiredAction()?.Provider : null), instance, account);
        if (shows)
        {
            http.Require(new RequestedAction(KeyturnAction.RevealAccount), instance, account);
        }
    }

    /// <summary>
    /// Refuses who may not change how an account's resets are proved, where a call names another proof than the account has: it is stored with the account, for
    /// resets of others and by schedule too. One that Keyturn does not hold yet has the default.
    /// </summary>
    /// <exception cref="AccessDeniedException">The caller may not.</exception>
    public static async ValueTask RequireForProofAsync(this HttpContext http, IInstanceStore instances, Instance instance, AccountName account, ProofMode? asked, CancellationToken cancel)
    {
        if (asked is { } proof && proof != ((await instances.FindAccountAsync(instance.Id, account, cancel))?.Proof ?? ProofMode.Login))
        {
            http.Require(new RequestedAction(KeyturnAction.ChangeAccount), instance, account);
        }
    }

    /// <summary>Refuses who may not do something else than the route does, which this call does too.</summary>
    /// <exception cref="AccessDeniedException">The caller may not.</exception>
    private static void Require(this HttpContext http, RequestedAction action, Instance instance, AccountName account)
    {
        var caller = http.Caller();
        var why = !caller.Scopes.Allows(action.Name) ? $"The credential's scopes leave {action.Name} out."
            : caller.Permissions?.Decide(action, instance) is { IsAllowed: false } decision ? decision.Reason
            : null;
        if (why is not null)
        {
            throw new AccessDeniedException(why, instance.Id, action, account);
        }
    }
}
