using System.Security.Cryptography;
using Keyturn.Instances;
using Keyturn.Wire.MongoDb;
using Keyturn.Wire.Sasl;

namespace Keyturn.Engines.MongoDb;

/// <summary>A user as <c>usersInfo</c> shows it.</summary>
internal sealed class StoredUser(BsonDocument user)
{
    // Roles of the database admin with which one may change anybody's password.
    private static readonly string[] AdminRoles = ["root", "userAdminAnyDatabase", "userAdmin", "dbOwner", "restore", "__system"];
    private static readonly ScramMechanism[] Mechanisms = [ScramMechanism.Sha1, ScramMechanism.Sha256];

    public AccountName Name { get; } = MongoDbNames.NameOf(user.Text("user") ?? "", user.Text("db") ?? MongoDbNames.DefaultDatabase);

    /// <summary>Null where the server did not show it.</summary>
    private readonly BsonDocument? _credentials = user.Document("credentials");

    public bool ShowsCredentials => _credentials is not null;

    /// <summary>The users in a reply to usersInfo.</summary>
    public static IReadOnlyList<StoredUser> AllOf(BsonDocument reply) => [.. reply.List<BsonDocument>("users").Select(user => new StoredUser(user))];

    public AccountRow ToRow() => new()
    {
        Name = Name,
        Method = MethodsOf() is { Length: > 0 } methods ? string.Join(" or ", methods) : "SCRAM",
        ByPassword = Name.AuthDatabase != "$external",
        IsAdmin = user.List<BsonDocument>("roles").Any(role => role.Text("db") == MongoDbNames.DefaultDatabase && AdminRoles.Contains(role.Text("role"))),
    };

    /// <summary>Whether the verifiers are this password's, all of them.</summary>
    public Readback Compare(MongoDbCredential credential)
    {
        var shown = Mechanisms.Select(mechanism => (Mechanism: mechanism, Stored: _credentials?.Document(mechanism.Name))).Where(each => each.Stored is not null).ToList();
        var verdicts = shown.ConvertAll(each => Matches(each.Mechanism, each.Stored!, credential));
        return verdicts switch
        {
            [] => Unreadable("The server shows no verifier that we can compute."),
            _ when verdicts.Contains(null) => Unreadable("A verifier that the server shows is not of SCRAM's form."),
            _ when verdicts.TrueForAll(verdict => verdict is true) => new Readback(ReadbackVerdict.Matches),
            _ => new Readback(verdicts.Contains(true) ? ReadbackVerdict.Mixed : ReadbackVerdict.Differs),
        };
    }

    private static bool? Matches(ScramMechanism mechanism, BsonDocument stored, MongoDbCredential credential)
    {
        var salt = Base64(stored.Text("salt"));
        if (stored.Integer("iterationCount") is not (>= 1 and <= ScramClient.MostIterations and var iterations)
            || salt is not { Length: > 0 and <= 1024 } || Base64(stored.Text("storedKey")) is not { } storedKey || Base64(stored.Text("serverKey")) is not { } serverKey)
        {
            return null;
        }

        var keys = ScramKeys.Derive(mechanism, credential.PasswordFor(mechanism), salt, (int)iterations);
        return CryptographicOperations.FixedTimeEquals(keys.StoredKey, storedKey) & CryptographicOperations.FixedTimeEquals(keys.ServerKey, serverKey);
    }

    private static Readback Unreadable(string why) => new(ReadbackVerdict.Unreadable, new Failure(EngineError.Unsupported, why));

    private string[] MethodsOf() => user.Has("mechanisms") ? [.. user.List<string>("mechanisms")] : [.. _credentials?.Select(method => method.Key) ?? []];

    private static byte[]? Base64(string? text)
    {
        var bytes = new byte[text?.Length ?? 0];
        return text is not null && Convert.TryFromBase64String(text, bytes, out var length) ? bytes[..length] : null;
    }
}
