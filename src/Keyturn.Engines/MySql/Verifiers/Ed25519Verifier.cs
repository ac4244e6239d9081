using Keyturn.Wire.MySql.Ed25519;

namespace Keyturn.Engines.MySql.Verifiers;

/// <summary>MariaDB's ed25519: the public key of the password, in Base64 without its padding.</summary>
internal sealed class Ed25519Verifier : PasswordVerifier
{
    private const int StoredLength = 43;

    public override string Make(string password) => Convert.ToBase64String(new Ed25519Key(password).PublicKey)[..StoredLength];

    public override bool? Matches(string stored, string password) => stored.Length == StoredLength ? stored == Make(password) : null;
}
