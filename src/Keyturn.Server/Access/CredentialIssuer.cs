using Keyturn.Access;
using Keyturn.Audit;
using Keyturn.Instances;
using Keyturn.Passwords;

namespace Keyturn.Server.Access;

/// <summary>A credential to make.</summary>
/// <param name="Kind">Any but a session: those are given out by signing in.</param>
internal sealed record CredentialRequest(CredentialKind Kind)
{
    public string Label { get; init; } = "";

    /// <summary>Null for those of the credential that the caller shows.</summary>
    public Scopes? Scopes { get; init; }

    /// <summary>Null for when the credential that the caller shows ends.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>Instead of <see cref="ExpiresAt"/>: how long it lasts from when it is made.</summary>
    public TimeSpan? ExpiresIn { get; init; }

    /// <summary>For <see cref="CredentialKind.Password"/>; null for a generated one.</summary>
    public Secret? Password { get; init; }
}

/// <summary>A credential that was made, with its secret: nobody can ask for that again. Or why none was made.</summary>
/// <param name="Credential">The credential; null when it was refused.</param>
/// <param name="Secret">Token, SK, key or generated password; null for a password that was given.</param>
/// <param name="Refusal">Nothing was changed.</param>
internal sealed record IssueOutcome(PrincipalCredential? Credential, Secret? Secret, Refusal? Refusal = null);

/// <summary>Makes credentials.</summary>
internal sealed class CredentialIssuer(IPrincipalStore principals, SignInPasswords passwords, IAuditLog audit, TimeProvider clock)
{
    private const int MostPerPrincipal = 100;

    /// <summary>
    /// Makes a credential for a principal of the caller's project. Nobody hands on more than they have: it reaches no further than
    /// <paramref name="shown"/>, the credential that the caller shows, and ends no later.
    /// </summary>
    public async ValueTask<IssueOutcome> IssueAsync(Caller caller, PrincipalCredential shown, Principal principal, CredentialRequest request, CancellationToken cancel)
    {
        var now = clock.GetUtcNow();
        var credential = new PrincipalCredential(Guid.CreateVersion7(now), principal.Id, request.Kind, request.Label, now)
        {
            PublicId = request.Kind == CredentialKind.AccessKey ? AccessKey.GenerateId() : null,
            Scopes = request.Scopes ?? caller.Scopes,
            ExpiresAt = request.ExpiresIn is { } lifetime ? now + lifetime : request.ExpiresAt ?? shown.ExpiresAt,
        };
        if ((Refuse(caller, shown, principal, credential, request) ?? await RefuseOneMoreAsync(principal, cancel)) is { } refusal)
        {
            // That somebody tried to hand on more than they have is in the log; a request that cannot be is not.
            await (refusal.Reason == RefusalReason.Forbidden
                ? audit.AppendAsync(Entry(caller, principal, credential) with { Outcome = "refused" }, CancellationToken.None)
                : ValueTask.CompletedTask);
            return new IssueOutcome(Credential: null, Secret: null, refusal);
        }

        var secret = Generate(request);
        await principals.AddCredentialAsync(credential, Material(credential, secret), Entry(caller, principal, credential), cancel);
        return new IssueOutcome(credential, request.Password is null ? secret : null);
    }

    /// <summary>In whole microseconds: who asks for the end that the answer for another one named is not refused for a part of one.</summary>
    private static DateTimeOffset? AsStored(DateTimeOffset? end) => end?.AddTicks(-(end.Value.Ticks % TimeSpan.TicksPerMicrosecond));

    private static Secret Generate(CredentialRequest request) => request.Kind switch
    {
        CredentialKind.Token => ApiToken.Generate(),
        CredentialKind.AccessKey => AccessKey.GenerateSecret(),
        CredentialKind.EmailKey => EmailKey.Generate(),
        CredentialKind.Password => request.Password ?? PasswordGenerator.Generate(PasswordPolicy.Default),
        _ => throw new ArgumentOutOfRangeException(nameof(request), request.Kind, message: null),
    };

    private static Refusal? Refuse(Caller caller, PrincipalCredential shown, Principal principal, PrincipalCredential credential, CredentialRequest request)
    {
        if (!caller.Scopes.Covers(credential.Scopes))
        {
            return new Refusal(RefusalReason.Forbidden, "These scopes reach further than those of the credential that you show: nobody hands on more than they have.");
        }

        if (shown.ExpiresAt is { } end && !(AsStored(credential.ExpiresAt) <= end))
        {
            return new Refusal(RefusalReason.Forbidden, $"It would last longer than the credential that you show, which ends at {end:u}: nobody hands on more than they have.");
        }

        if (principal.IsOwner && !caller.IsOwner)
        {
            return new Refusal(RefusalReason.Forbidden, "Only an owner of the project gives credentials to an owner: nobody hands on more than they have.");
        }

        if (Problems(principal, credential, request).ToList() is { Count: > 0 } problems)
        {
            return new Refusal(RefusalReason.InvalidRequest, string.Join(' ', problems.Select(problem => problem.Sentence))) { Violations = problems };
        }

        return request.Password is { } given && PasswordPolicy.Default.Check(given, new AccountName(principal.Name)) is { Count: > 0 } broken
            ? new Refusal(RefusalReason.PasswordPolicy, "The password breaks the policy.") { Violations = broken }
            : null;
    }

    private static IEnumerable<Violation> Problems(Principal principal, PrincipalCredential credential, CredentialRequest request)
    {
        foreach (var violation in AccessRules.Broken(credential, credential.CreatedAt))
        {
            yield return violation;
        }

        if (credential.Kind == CredentialKind.Session)
        {
            yield return new Violation("kind", "The kind is one of token, access-key, email-key, password: sessions are given out by signing in.");
        }

        if (credential.Kind == CredentialKind.EmailKey && principal.Email is null)
        {
            yield return new Violation("email", $"An e-mail key goes with an e-mail address, and {principal.Name} has none.");
        }

        if (credential.Kind != CredentialKind.Password && request.Password is not null)
        {
            yield return new Violation("password", "Only a password can be given; all other secrets are random.");
        }
    }

    private async ValueTask<Refusal?> RefuseOneMoreAsync(Principal principal, CancellationToken cancel) =>
        (await principals.ListCredentialsAsync(principal.Id, cancel)).Count(credential => credential.Kind != CredentialKind.Session) < MostPerPrincipal
            ? null
            : new Refusal(RefusalReason.Conflict, $"{principal.Name} has {MostPerPrincipal} credentials: revoke some that are not used.");

    private CredentialMaterial Material(PrincipalCredential credential, Secret secret) => credential.Kind switch
    {
        CredentialKind.AccessKey => new CredentialMaterial(default, secret),
        CredentialKind.Password => new CredentialMaterial(passwords.Hash(secret)),
        CredentialKind.EmailKey => new CredentialMaterial(EmailKey.Hash(secret)),
        _ => new CredentialMaterial(ApiToken.Hash(secret)),
    };

    private static AuditEntry Entry(Caller caller, Principal principal, PrincipalCredential credential) => new()
    {
        Caller = caller,
        Action = "credential.add",
        Outcome = "done",
        Detail = $"{credential.Kind} {credential.Id} of {principal.Name} for {string.Join(' ', credential.Scopes.Names)}, {(credential.ExpiresAt is { } end ? $"until {end:O}" : "without end")}",
    };
}
