using System.Text;
using Keyturn.Access;
using Keyturn.Passwords;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;

namespace Keyturn.Server.Access;

/// <summary>
/// Hashes and verifies the passwords that principals sign in with: PBKDF2 with HMAC-SHA-512, by the framework. A verification is meant to be
/// slow (some tenths of a second of one core); whoever lets strangers ask for one limits how many run.
/// </summary>
internal sealed class SignInPasswords
{
    /// <summary>OWASP's figure for this function (Password Storage Cheat Sheet, 2023).</summary>
    private const int Iterations = 210_000;

    /// <summary>The framework's hasher knows users; it does nothing with them.</summary>
    private static readonly object AnyUser = new();

    private readonly PasswordHasher<object> _hasher = new(Options.Create(new PasswordHasherOptions { IterationCount = Iterations }));
    private readonly string _hashOfNobody;

    public SignInPasswords() => _hashOfNobody = _hasher.HashPassword(AnyUser, ApiToken.Generate().Reveal());

    /// <summary>What the store keeps of <paramref name="password"/>.</summary>
    public byte[] Hash(Secret password) => Encoding.UTF8.GetBytes(_hasher.HashPassword(AnyUser, password.Reveal()));

    /// <summary>
    /// Whether <paramref name="password"/> is the known one. With none known it does the same work and says no: how long an answer takes does
    /// not tell which names exist. That a credential has expired is looked at afterwards, for the same reason.
    /// </summary>
    public bool Verify(KnownCredential? known, Secret password)
    {
        var hash = known is null ? _hashOfNobody : Encoding.UTF8.GetString(known.Material.Hash.Span);
        var isRight = _hasher.VerifyHashedPassword(AnyUser, hash, password.Reveal()) != PasswordVerificationResult.Failed;
        return isRight && known is not null;
    }
}
