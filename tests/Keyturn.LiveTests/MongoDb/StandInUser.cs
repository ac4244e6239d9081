using System.Security.Cryptography;
using System.Text;
using Keyturn.Wire.MongoDb;
using Keyturn.Wire.Sasl;

namespace Keyturn.LiveTests.MongoDb;

/// <summary>The verifier of one method, made and used without the product's own SCRAM.</summary>
public sealed record StandInVerifier(string Mechanism, byte[] Salt, int Iterations, byte[] StoredKey, byte[] ServerKey)
{
    public HashAlgorithmName Hash => HashOf(Mechanism);

    public static StandInVerifier Of(string mechanism, string user, string password, int iterations)
    {
        var hash = HashOf(mechanism);
        var salt = RandomNumberGenerator.GetBytes(mechanism == "SCRAM-SHA-1" ? 16 : 28);
        var text = mechanism == "SCRAM-SHA-1"
            ? Convert.ToHexStringLower(CryptographicOperations.HashData(HashAlgorithmName.MD5, Encoding.UTF8.GetBytes($"{user}:mongo:{password}")))
            : SaslPrep.TryPrepare(password, out var prepared) ? prepared : throw new FormatException("a password that cannot be prepared");
        var salted = Rfc2898DeriveBytes.Pbkdf2(text, salt, iterations, hash, mechanism == "SCRAM-SHA-1" ? 20 : 32);
        var clientKey = CryptographicOperations.HmacData(hash, salted, "Client Key"u8.ToArray());
        return new StandInVerifier(
            mechanism,
            salt,
            iterations,
            CryptographicOperations.HashData(hash, clientKey),
            CryptographicOperations.HmacData(hash, salted, "Server Key"u8.ToArray()));
    }

    public BsonDocument Show() => new()
    {
        { "iterationCount", Iterations },
        { "salt", Convert.ToBase64String(Salt) },
        { "storedKey", Convert.ToBase64String(StoredKey) },
        { "serverKey", Convert.ToBase64String(ServerKey) },
    };

    private static HashAlgorithmName HashOf(string mechanism) => mechanism == "SCRAM-SHA-1" ? HashAlgorithmName.SHA1 : HashAlgorithmName.SHA256;
}

/// <summary>An account of the stand-in.</summary>
public sealed record StandInUser(string Database, string Name, IReadOnlyList<StandInVerifier> Verifiers, string[] Roles)
{
    /// <summary>A role that is not of the database admin is written <c>role@database</c>.</summary>
    private static BsonDocument Show(string role) => new() { { "role", role.Split('@')[0] }, { "db", role.Split('@').ElementAtOrDefault(1) ?? "admin" } };

    public BsonDocument Show(bool withCredentials)
    {
        var shown = new BsonDocument
        {
            { "_id", $"{Database}.{Name}" },
            { "user", Name },
            { "db", Database },
            { "roles", Roles.Select(role => (object?)Show(role)).ToArray() },
            { "mechanisms", Verifiers.Select(verifier => (object?)verifier.Mechanism).ToArray() },
        };
        if (withCredentials)
        {
            var credentials = new BsonDocument();
            foreach (var verifier in Verifiers)
            {
                credentials.Add(verifier.Mechanism, verifier.Show());
            }

            shown.Add("credentials", credentials);
        }

        return shown;
    }
}
