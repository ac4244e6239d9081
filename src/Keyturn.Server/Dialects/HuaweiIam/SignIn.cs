using Keyturn.Access;
using Keyturn.Audit;
using Keyturn.Checks;
using Keyturn.Passwords;
using Keyturn.Server.Access;

namespace Keyturn.Server.Dialects.HuaweiIam;

/// <summary>A session that was just given out.</summary>
internal sealed record OpenedSession(Secret Token, string Method, Principal Principal, PrincipalCredential Credential, Project Project);

/// <summary>What came of a sign-in.</summary>
/// <param name="Session">Null where the caller is told no more than that.</param>
/// <param name="Wait">Too many wrong passwords were given: the next one is not tried before. Known and unknown names are told so alike.</param>
internal sealed record SignInOutcome(OpenedSession? Session, TimeSpan Wait = default);

/// <summary>Exchanges a password, or a session, for a new session.</summary>
internal sealed class SignIn(IPrincipalStore principals, SignInPasswords passwords, GuessLimits limits, IAuditLog audit, TimeProvider clock)
{
    private const string Action = "session.open";

    /// <summary>Each costs a core some tenths of a second, and anybody may ask for one: resets keep the rest.</summary>
    private static readonly SemaphoreSlim Verifications = new(Math.Max(1, Environment.ProcessorCount / 2));

    /// <summary>An unknown account or user costs the time of a known one.</summary>
    public async ValueTask<SignInOutcome> WithPasswordAsync(HttpContext http, UserBody user, ScopeBody? scope, CancellationToken cancel)
    {
        var (principal, project) = await FindAsync(user, cancel);
        using var guess = await limits.BeginSignInAsync(NameOf(user), http.SourceAddress(), cancel);
        if (guess.Wait > TimeSpan.Zero)
        {
            await RefuseAsync(http, principal, project, "too many wrong passwords", cancel);
            return new SignInOutcome(Session: null, guess.Wait);
        }

        var known = await principals.FindPasswordAsync(principal?.Id ?? Guid.Empty, cancel);
        var isRight = await VerifyAsync(known, user.Password!, cancel) && !known!.Credential.IsExpired(clock.GetUtcNow());
        await (isRight ? guess.WasRightAsync() : guess.WasWrongAsync());
        if (!isRight || SessionScope(scope, project!) is not { } sessionScope)
        {
            await RefuseAsync(http, principal, project, isRight ? "no such scope" : principal is null ? "unknown user" : "wrong or expired password", cancel);
            return new SignInOutcome(Session: null);
        }

        return new SignInOutcome(await OpenAsync(http, "password", known!, project!, sessionScope, cancel));
    }

    /// <summary>Re-scoping.</summary>
    public async ValueTask<SignInOutcome> WithTokenAsync(HttpContext http, Secret token, ScopeBody? scope, CancellationToken cancel)
    {
        var known = await principals.FindSessionAsync(token, cancel);
        var project = known is null ? null : await principals.FindProjectAsync(known.Principal.ProjectId, cancel);
        if (known is null || project is null || known.Credential.IsExpired(clock.GetUtcNow()) || SessionScope(scope, project) is not { } sessionScope)
        {
            await RefuseAsync(http, known?.Principal, project, "token", cancel);
            return new SignInOutcome(Session: null);
        }

        return new SignInOutcome(await OpenAsync(http, "token", known, project, sessionScope, cancel));
    }

    /// <summary>Who is named, in whichever way: counted are tries, not people.</summary>
    private static string NameOf(UserBody user) => user.Id ?? $"{user.Domain?.Id ?? user.Domain?.Name}/{user.Name}";

    private async ValueTask<bool> VerifyAsync(KnownCredential? known, Secret password, CancellationToken cancel)
    {
        await Verifications.WaitAsync(cancel);
        try
        {
            return passwords.Verify(known, password);
        }
        finally
        {
            Verifications.Release();
        }
    }

    /// <summary>
    /// The session ends no later than what was shown for it: else one sign-in could be drawn out for ever. And there is none if that was revoked
    /// meanwhile, as a password can be while it is verified.
    /// </summary>
    private async ValueTask<OpenedSession?> OpenAsync(
        HttpContext http, string method, KnownCredential shown, Project project, string sessionScope, CancellationToken cancel)
    {
        var (token, now) = (SessionToken.Generate(), clock.GetUtcNow());
        var end = now + SessionToken.Lifetime;
        var session = new PrincipalCredential(Guid.CreateVersion7(now), shown.Principal.Id, CredentialKind.Session, Label: method, now)
        {
            PublicId = sessionScope,
            Scopes = shown.Credential.Scopes,
            ExpiresAt = shown.Credential.ExpiresAt < end ? shown.Credential.ExpiresAt : end,
        };
        var entry = new AuditEntry { Caller = Caller(http, shown.Principal, project), Action = Action, Outcome = "done", Detail = $"{method}, {sessionScope}" };
        if (await principals.AddCredentialAsync(session, new CredentialMaterial(ApiToken.Hash(token)), shown.Credential.Id, entry, cancel))
        {
            return new OpenedSession(token, method, shown.Principal, session, project);
        }

        await RefuseAsync(http, shown.Principal, project, "revoked meanwhile", cancel);
        return null;
    }

    private async ValueTask<(Principal? Principal, Project? Project)> FindAsync(UserBody user, CancellationToken cancel)
    {
        if (user.Id is { } id)
        {
            var byId = HuaweiId.TryParse(id) is { } principalId ? await principals.FindAsync(principalId, cancel) : null;
            return (byId, byId is null ? null : await principals.FindProjectAsync(byId.ProjectId, cancel));
        }

        var project = user.Domain switch
        {
            { Id: { } domainId } => Keystone.ProjectOfDomain(domainId) is { } projectId ? await principals.FindProjectAsync(projectId, cancel) : null,
            { Name: { } name } => await principals.FindProjectAsync(name, cancel),
            _ => null,
        };
        return (project is null ? null : await principals.FindAsync(project.Id, user.Name!, cancel), project);
    }

    /// <summary>A project wins over a domain; no scope is the whole account. Null where the scope is not the user's.</summary>
    private static string? SessionScope(ScopeBody? scope, Project project) => scope switch
    {
        { Project: { } named } => Keystone.IsProject(named.Id, named.Name, project) && (named.Domain is null || Keystone.IsDomain(named.Domain, project))
            ? SessionToken.ProjectScope
            : null,
        { Domain: { } named } => Keystone.IsDomain(named, project) ? SessionToken.DomainScope : null,
        _ => SessionToken.DomainScope,
    };

    /// <summary>A name that is nobody's is not written down: people type their password there.</summary>
    private ValueTask RefuseAsync(HttpContext http, Principal? principal, Project? project, string why, CancellationToken cancel) =>
        audit.AppendAsync(new AuditEntry { Caller = Caller(http, principal, project), Action = Action, Outcome = "refused", Detail = why }, cancel);

    private static Caller Caller(HttpContext http, Principal? principal, Project? project) =>
        new(principal?.Id ?? Guid.Empty, principal?.Name ?? "nobody", project?.Id ?? Guid.Empty, http.SourceAddress(), http.TraceIdentifier);
}
