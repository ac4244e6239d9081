using Keyturn.Access;
using Keyturn.Server.Access;

namespace Keyturn.Server.Dialects.HuaweiIam;

/// <summary>The <c>{project_id}</c> that every path of a service has: it must be the caller's.</summary>
internal static class HuaweiProject
{
    public const string RouteValue = "project_id";
    public const string Header = "X-Project-Id";

    /// <summary>
    /// For a group of routes below <c>/{project_id}</c>: other callers' requests are answered by <paramref name="refuse"/>, a 403 in the words of
    /// the dialect, before the handler runs. So are sessions for the whole account.
    /// </summary>
    public static RouteGroupBuilder RequireProject(this RouteGroupBuilder routes, Func<HttpContext, IResult> refuse) =>
        routes.AddEndpointFilter(async (context, next) =>
        {
            if (IsCallers(context.HttpContext))
            {
                return await next(context);
            }

            await context.HttpContext.NoteRefusalAsync($"The path or {Header} names another project than the credential's, or the session is for the whole account.");
            return refuse(context.HttpContext);
        });

    /// <summary><see cref="Header"/> is a hint, mostly unsigned: what it says must agree, where it says anything.</summary>
    private static bool IsCallers(HttpContext http)
    {
        var project = HuaweiId.Format(http.Caller().ProjectId);
        var hint = http.Request.Headers[Header].ToString();
        var isForAccount = http.Credential() is { Kind: CredentialKind.Session, PublicId: SessionToken.DomainScope };
        return !isForAccount
            && project.Equals(http.GetRouteValue(RouteValue) as string, StringComparison.OrdinalIgnoreCase)
            && (hint.Length == 0 || project.Equals(hint, StringComparison.OrdinalIgnoreCase));
    }
}
