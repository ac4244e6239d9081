using Keyturn.Access;
using Keyturn.Passwords;

namespace Keyturn.Server.Api.Principals;

/// <summary>A principal as a caller describes it.</summary>
internal sealed record PrincipalBody(string? Name, string? Email)
{
    /// <summary>Whether it owns the project; only when it is added.</summary>
    public bool? Owner { get; init; }
}

/// <summary>A principal.</summary>
internal sealed record PrincipalAnswer(Guid Id, string Name, string? Email, bool Owner, DateTimeOffset CreatedAt)
{
    public static PrincipalAnswer Of(Principal principal) => new(principal.Id, principal.Name, principal.Email, principal.IsOwner, principal.CreatedAt);
}

/// <summary>The project's principals, by name.</summary>
internal sealed record PrincipalsAnswer(IReadOnlyList<PrincipalAnswer> Principals);

/// <summary>A credential to make. Without scopes it has those of the credential that the caller shows; without an end it has none.</summary>
internal sealed record CredentialBody
{
    public CredentialKind? Kind { get; init; }

    /// <summary>For people: what it is for.</summary>
    public string? Label { get; init; }

    /// <summary>Keyturn's actions (<c>keyturn:account:reset</c>, <c>keyturn:account:*</c>) or DigitalOcean's scopes (<c>database:read</c>).</summary>
    public IReadOnlyList<string?>? Scopes { get; init; }

    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>Instead of <c>expires_at</c>.</summary>
    public long? ExpiresInSeconds { get; init; }

    /// <summary>For the kind <c>password</c>; without one it is generated.</summary>
    public Secret? Password { get; init; }
}

/// <summary>A credential, without its secret. The public id is the AK of an access key.</summary>
internal sealed record CredentialAnswer(Guid Id, CredentialKind Kind, string Label, string? PublicId, IReadOnlyList<string> Scopes, DateTimeOffset CreatedAt, DateTimeOffset? ExpiresAt)
{
    public static CredentialAnswer Of(PrincipalCredential credential) => new(
        credential.Id, credential.Kind, credential.Label, credential.PublicId, credential.Scopes.Names, credential.CreatedAt, credential.ExpiresAt);
}

/// <summary>A principal's credentials, oldest first.</summary>
internal sealed record CredentialsAnswer(IReadOnlyList<CredentialAnswer> Credentials);

/// <summary>A credential that was just made. Its secret (token, SK, key, generated password) is shown in this answer and never again.</summary>
internal sealed record IssuedAnswer(CredentialAnswer Credential, Secret? Secret)
{
    /// <summary>What an e-mail key goes with.</summary>
    public string? Email { get; init; }
}

/// <summary>A project as a caller describes it.</summary>
internal sealed record ProjectBody(string? Name, string? Region);

/// <summary>The caller's project.</summary>
internal sealed record ProjectAnswer(Guid Id, string Name, string Region, DateTimeOffset CreatedAt)
{
    public static ProjectAnswer Of(Project project) => new(project.Id, project.Name, project.Region, project.CreatedAt);
}
