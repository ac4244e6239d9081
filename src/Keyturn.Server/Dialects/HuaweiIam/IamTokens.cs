using Keyturn.Access;
using Keyturn.Audit;
using Keyturn.Passwords;
using Keyturn.Server.Access;
using Keyturn.Server.Hosting;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Keyturn.Server.Dialects.HuaweiIam;

/// <summary><c>/v3/auth/tokens</c>: signing in, looking at a token, signing out.</summary>
internal static class IamTokens
{
    private const string SubjectHeader = "X-Subject-Token";

    /// <summary>Signs in.</summary>
    public static async Task<IResult> CreateAsync(HttpContext http, SignIn signIn, CancellationToken cancel)
    {
        var body = await JsonBody.ReadAsync(http, IamJson.Default.AuthRequest, cancel);
        if (body.Value?.Auth is not { Identity: { } identity } auth || !IsWhole(identity) || !IsWhole(auth.Scope))
        {
            return IamErrors.Malformed();
        }

        var opened = identity.Methods is ["password"]
            ? await signIn.WithPasswordAsync(http, identity.Password!.User!, auth.Scope, cancel)
            : await signIn.WithTokenAsync(http, identity.Token!.Id!, auth.Scope, cancel);
        if (opened.Session is not { } session)
        {
            return opened.Wait > TimeSpan.Zero ? IamErrors.TooMany(http, opened.Wait) : IamErrors.Unauthorized();
        }

        http.Response.Headers[SubjectHeader] = session.Token.Reveal();
        return HuaweiIamDialect.Json(Describe(http, session.Principal, session.Credential, session.Project), StatusCodes.Status201Created);
    }

    /// <summary>Describes a token of the caller's account, another's to who may read principals; with HEAD says only that it is one.</summary>
    public static async Task<IResult> ShowAsync(HttpContext http, IPrincipalStore principals, CallerPermissions callers, TimeProvider clock, CancellationToken cancel)
    {
        if (await SubjectAsync(http, principals, clock, cancel) is not { } subject)
        {
            return Unknown();
        }

        if (subject.Principal.Id != http.Caller().PrincipalId && await callers.RefuseAsync(http, KeyturnAction.ReadPrincipal) is { } why)
        {
            return await RefuseAsync(http, "session.read", subject, why);
        }

        http.Response.Headers[SubjectHeader] = http.Request.Headers[SubjectHeader];
        var project = await principals.FindProjectAsync(subject.Principal.ProjectId, cancel);
        return HuaweiIamDialect.Json(Describe(http, subject.Principal, subject.Credential, project!));
    }

    /// <summary>Ends a session: one's own, or any of the account for an owner who may manage principals.</summary>
    public static async Task<IResult> RevokeAsync(HttpContext http, IPrincipalStore principals, CallerPermissions callers, TimeProvider clock, CancellationToken cancel)
    {
        if (await SubjectAsync(http, principals, clock, cancel) is not { } subject)
        {
            return Unknown();
        }

        var caller = http.Caller();
        if (subject.Principal.Id != caller.PrincipalId
            && (await callers.RefuseAsync(http, KeyturnAction.ManagePrincipal) ?? (caller.IsOwner ? null : "Only an owner ends another's.")) is { } why)
        {
            return await RefuseAsync(http, "session.end", subject, why);
        }

        var entry = new AuditEntry { Caller = caller, Action = "session.end", Outcome = "done", Detail = subject.Principal.Name };
        await principals.RevokeAsync(subject.Principal.Id, subject.Credential.Id, entry, cancel);
        return TypedResults.NoContent();
    }

    /// <summary>One of the two methods, with what it needs. A name needs the account's, an id does not.</summary>
    private static bool IsWhole(IdentityBody identity) => identity switch
    {
        { Methods: ["password"], Password.User: { Password: not null, Id: not null } } => true,
        { Methods: ["password"], Password.User: { Password: not null, Name: not null, Domain: { } domain } } => (domain.Id ?? domain.Name) is not null,
        { Methods: ["token"], Token.Id: not null } => true,
        _ => false,
    };

    private static bool IsWhole(ScopeBody? scope) => scope switch
    {
        { Project: { } project } => (project.Id ?? project.Name) is not null,
        { Domain: { } domain } => (domain.Id ?? domain.Name) is not null,
        _ => true,
    };

    /// <summary>The token that the call is about. Another account's is none.</summary>
    private static async ValueTask<KnownCredential?> SubjectAsync(HttpContext http, IPrincipalStore principals, TimeProvider clock, CancellationToken cancel)
    {
        var known = await principals.FindSessionAsync(new Secret(http.Request.Headers[SubjectHeader].ToString()), cancel);
        return known is not null && known.Principal.ProjectId == http.Caller().ProjectId && !known.Credential.IsExpired(clock.GetUtcNow()) ? known : null;
    }

    private static async ValueTask<IResult> RefuseAsync(HttpContext http, string action, KnownCredential subject, string why)
    {
        await http.NoteRefusalAsync($"The session is {subject.Principal.Name}'s. {why}", action);
        return IamErrors.Answer(StatusCodes.Status403Forbidden, "You are not authorized to perform the requested action.");
    }

    private static JsonHttpResult<KeystoneError> Unknown() => IamErrors.Answer(StatusCodes.Status404NotFound, "X-Subject-Token is invalid in the request");

    private static TokenAnswer Describe(HttpContext http, Principal principal, PrincipalCredential session, Project project)
    {
        var isForProject = session.PublicId == SessionToken.ProjectScope;
        return new TokenAnswer(new Token(
            [session.Label],
            Keystone.Time(session.CreatedAt),
            Keystone.Time(session.ExpiresAt!.Value),
            Keystone.User(principal, project),
            isForProject ? Keystone.Project(project) : null,
            isForProject ? null : Keystone.Domain(project),
            Keystone.Roles(session.Scopes),
            http.Request.Query.ContainsKey("nocatalog") ? null : HuaweiIamDialect.Catalog(http, project)));
    }
}
