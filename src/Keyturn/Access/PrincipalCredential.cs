using Keyturn.Passwords;

namespace Keyturn.Access;

/// <summary>The ways a principal can show who it is.</summary>
public enum CredentialKind
{
    /// <summary>A bearer token: the native API, DigitalOcean's dialect.</summary>
    Token,

    /// <summary>An access key (AK) with its secret key (SK), which signs requests: Huawei's dialects.</summary>
    AccessKey,

    /// <summary>An API key that goes with the principal's e-mail address: Upstash's dialect.</summary>
    EmailKey,

    /// <summary>A password that is exchanged for a <see cref="Session"/>: Keystone sign-in of Huawei's dialects.</summary>
    Password,

    /// <summary>A token that a sign-in gave out.</summary>
    Session,
}

/// <summary>One credential of a principal, without its secret.</summary>
/// <param name="Id">Made by Keyturn.</param>
/// <param name="PrincipalId">Whose.</param>
/// <param name="Kind">How it is shown.</param>
/// <param name="Label">For people: what it is for.</param>
/// <param name="CreatedAt">When it was made.</param>
public sealed record PrincipalCredential(Guid Id, Guid PrincipalId, CredentialKind Kind, string Label, DateTimeOffset CreatedAt)
{
    /// <summary>How the AK of a temporary pair begins: one that a session, or another pair, was exchanged for.</summary>
    public const string TemporaryPrefix = "KTST";

    /// <summary>The public half: the AK of a key pair; of a session, what it was given out for (<c>project</c>, <c>domain</c>). Null where there is none.</summary>
    public string? PublicId { get; init; }

    /// <summary>What it may be used for.</summary>
    public Scopes Scopes { get; init; } = Scopes.All;

    /// <summary>From when on it is refused; null means never.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>Whether it is a temporary key pair, which goes with what it may have come from.</summary>
    public bool IsTemporary => Kind == CredentialKind.AccessKey && PublicId?.StartsWith(TemporaryPrefix, StringComparison.Ordinal) == true;

    /// <summary>Whether it is refused at that time.</summary>
    public bool IsExpired(DateTimeOffset now) => ExpiresAt <= now;
}

/// <summary>What the store keeps to recognise a credential by: one of the two.</summary>
/// <param name="Hash">SHA-256 of a random token or key; of a password, the framework's slow hash as UTF-8 text.</param>
/// <param name="SecretKey">The SK of a key pair, which checking a signature needs in clear: the store seals it.</param>
public sealed record CredentialMaterial(ReadOnlyMemory<byte> Hash, Secret? SecretKey = null);

/// <summary>A credential that was looked up, with whose it is. It may be expired: what is said then is the door's matter.</summary>
/// <param name="Principal">Whose.</param>
/// <param name="Credential">Which.</param>
/// <param name="Material">What to compare with.</param>
public sealed record KnownCredential(Principal Principal, PrincipalCredential Credential, CredentialMaterial Material)
{
    /// <summary>Whether any policy is attached to the principal or to a group of it.</summary>
    public bool HasPolicies { get; init; }
}
