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
internal sealed class SignIn(IPrincipalStore principals, SignInPasswords passwords, GuessLimits limits, FailedAuthentications failed, TimeProvider clock)
{
    private const string Action = "session.open";

    /// <summary>Each costs a core some tenths of a second, and anybody may ask for one: resets keep the rest.</summary>
    private static readonly SemaphoreSlim Verifications = new(Math.Max(1, Environment.ProcessorCount / 2));

    /// <summary>An unknown account or user costs the time of a known one.</summary>
    public async ValueTask<SignInOutcome> WithPasswordAsync(HttpContext http, UserBody user, ScopeBody? scope, CancellationToken cancel)
    {
        var (principal, project) = await FindAsync(user, cancel);
        var named = Named(user, principal, project);
        using var guess = await limits.BeginSignInAsync(named, http.SourceAddress(), cancel);
        if (guess.Wait > TimeSpan.Zero)
        {
            await failed.NoteSignInAsync(http, Action, named, principal, project, "too many wrong passwords");
            return new SignInOutcome(Session: null, guess.Wait);
        }

        var known = await principals.FindPasswordAsync(principal?.Id ?? Guid.Empty, cancel);
        var isRight = await VerifyAsync(known, user.Password!, cancel) && !known!.Credential.IsExpired(clock.GetUtcNow());
        await (isRight ? guess.WasRightAsync() : guess.WasWrongAsync());
        if (!isRight || SessionScope(scope, project!) is not { } sessionScope)
        {
            await failed.NoteSignInAsync(http, Action, named, principal, project, isRight ? "no such scope" : principal is null ? "unknown user" : "wrong or expired password");
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
            await failed.NoteSignInAsync(http, Action, "", known?.Principal, project, "token");
            return new SignInOutcome(Session: null);
        }

        return new SignInOutcome(await OpenAsync(http, "token", known, project, sessionScope, cancel));
    }

    /// <summary>
    /// Under what wrong passwords are counted: one text for a user in whichever way it is named, by its id or its name, with the account's id or name. Of a user that
    /// there is not the ways come together where those of one that there is do.
    /// </summary>
    private static string Named(UserBody user, Principal? principal, Project? project) => (principal?.Id, user.Id) switch
    {
        ({ } known, _) => $"{known:N}",
        (null, { } id) => HuaweiId.TryParse(id) is { } parsed ? $"{parsed:N}" : id,
        _ => $"{project?.Id.ToString("N") ?? ProjectOf(user.Domain)?.ToString("N") ?? user.Domain?.Name}/{user.Name}",
    };

    private static Guid? ProjectOf(NamedBody? domain) => domain?.Id is { } id ? Keystone.ProjectOfDomain(id) : null;

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

        await failed.NoteSignInAsync(http, Action, "", shown.Principal, project, "revoked meanwhile");
        return null;
    }

    /// <summary>Two things are read, also where the first is not there: what is not there takes no less time.</summary>
    private async ValueTask<(Principal? Principal, Project? Project)> FindAsync(UserBody user, CancellationToken cancel)
    {
        if (user.Id is { } id)
        {
            var byId = await principals.FindAsync(HuaweiId.TryParse(id) ?? Guid.Empty, cancel);
            return (byId, await principals.FindProjectAsync(byId?.ProjectId ?? Guid.Empty, cancel));
        }

        var project = user.Domain is { Id: null, Name: { } name }
            ? await principals.FindProjectAsync(name, cancel)
            : await principals.FindProjectAsync(ProjectOf(user.Domain) ?? Guid.Empty, cancel);
        return (await principals.FindAsync(project?.Id ?? Guid.Empty, user.Name!, cancel), project);
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

    private static Caller Caller(HttpContext http, Principal principal, Project project) => new(principal.Id, principal.Name, project.Id, http.SourceAddress(), http.TraceIdentifier);
}
