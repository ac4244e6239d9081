using System.Buffers.Text;
using System.Security.Cryptography;
using Keyturn.Access;
using Keyturn.Passwords;
using Keyturn.Server.Access;

namespace Keyturn.Server.Dialects.HuaweiIam;

/// <summary>Keystone's tokens: opaque, 32 random bytes, and what they are scoped to.</summary>
internal static class SessionToken
{
    /// <summary>A session for calls of services.</summary>
    public const string ProjectScope = "project";

    /// <summary>A session for the whole account: IAM's own calls.</summary>
    public const string DomainScope = "domain";

    /// <summary>How long a sign-in lasts.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromHours(24);

    private const string Prefix = "kts_";
    private const int Length = 32;

    public static Secret Generate() => new(Prefix + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(Length)));

    /// <summary>The session of this token; it may have expired.</summary>
    public static ValueTask<KnownCredential?> FindSessionAsync(this IPrincipalStore principals, Secret token, CancellationToken cancel) =>
        principals.FindByHashAsync(CredentialKind.Session, ApiToken.Hash(token), cancel);
}
