using System.Security.Cryptography;
using System.Text;
using Keyturn.Access;
using Keyturn.Passwords;
using Microsoft.AspNetCore.Identity;

namespace Keyturn.Server.Access;

/// <summary>Passwords that principals sign in with: the framework's slow hash, which names its own parameters.</summary>
internal sealed class SignInPasswords
{
    private readonly PasswordHasher<Principal> _hasher = new();

    /// <summary>Nobody's: what is compared with where there is nothing to compare with.</summary>
    private readonly string _decoy;

    public SignInPasswords() => _decoy = _hasher.HashPassword(null!, RandomNumberGenerator.GetHexString(32));

    /// <summary>What the store keeps.</summary>
    public ReadOnlyMemory<byte> Hash(Secret password) => Encoding.UTF8.GetBytes(_hasher.HashPassword(null!, password.Reveal()));

    /// <summary>Whether the password is this credential's. Takes as long where there is none, so that nobody learns who has one.</summary>
    public bool Verify(Secret password, KnownCredential? known)
    {
        var hash = known is null ? _decoy : Encoding.UTF8.GetString(known.Material.Hash.Span);
        return _hasher.VerifyHashedPassword(null!, hash, password.Reveal()) != PasswordVerificationResult.Failed && known is not null;
    }
}
