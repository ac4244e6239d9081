using Keyturn.Wire.Sasl;

namespace Keyturn.Wire.MongoDb;

/// <summary>The bare login on a new connection: greeting, SCRAM, and a look at who the server says that we are.</summary>
/// <remarks>
/// One exchange, with SCRAM-SHA-256, begun with the greeting; with SCRAM-SHA-1 only where the server says that the account has nothing else, or that
/// it does not know the newer one (3.6, and servers told to). Trying the other method after the account was refused would make two failed logins of one.
/// </remarks>
public sealed class MongoDbLogin(MongoDbConnection connection, MongoDbCredential credential)
{
    /// <summary>MongoDB's clients refuse fewer.</summary>
    public const int LeastIterations = 4096;

    private const int CommandNotFound = 59;
    private const int BadValue = 2;
    private const int MechanismUnavailable = 334;
    private ScramClient _scram = Client(credential, ScramMechanism.Sha256);

    /// <summary>
    /// Greets the server and begins the login with it. It is not finished: on a server that is not the one we look for, no more need be said.
    /// </summary>
    public ValueTask<Hello> GreetAsync(CancellationToken cancel)
    {
        var start = Start();
        start.Add("db", credential.Database);
        var login = new BsonDocument { { "saslSupportedMechs", $"{credential.Database}.{credential.User}" }, { "speculativeAuthenticate", start } };
        return Hello.GreetAsync(connection, login, cancel);
    }

    /// <summary>Finishes the login that <paramref name="hello"/> has begun, or makes it.</summary>
    public async ValueTask<LoginReply> FinishAsync(Hello hello, CancellationToken cancel)
    {
        if (hello.Mechanisms is { } mechanisms && !mechanisms.Contains(ScramMechanism.Sha256.Name))
        {
            if (!mechanisms.Contains(ScramMechanism.Sha1.Name))
            {
                return new LoginReply(LoginVerdict.NoVerdict, string.Join(',', mechanisms), "the account has none of the methods that are spoken here");
            }

            _scram = Client(credential, ScramMechanism.Sha1);
        }

        // What was begun along with the greeting was begun with SCRAM-SHA-256.
        var begun = _scram.Mechanism == ScramMechanism.Sha256 ? hello.Speculative : null;
        return await ConverseAsync(begun ?? await BeginAsync(hello, cancel), cancel) ?? await WhoAmIAsync(cancel);
    }

    /// <summary>Of an account that is not there no methods are listed: one that the server does not speak is not refused as a login.</summary>
    private async ValueTask<BsonDocument> BeginAsync(Hello hello, CancellationToken cancel)
    {
        var first = await RunAsync(Start(), cancel);
        if (hello.Mechanisms is not null || CommandError.Of(first)?.Code is not (BadValue or MechanismUnavailable))
        {
            return first;
        }

        _scram = Client(credential, ScramMechanism.Sha1);
        return await RunAsync(Start(), cancel);
    }

    private static ScramClient Client(MongoDbCredential credential, ScramMechanism mechanism) =>
        new(credential.User, credential.PasswordFor(mechanism), known: null, ScramChannelBinding.None) { Mechanism = mechanism, LeastIterations = LeastIterations };

    private BsonDocument Start() => new()
    {
        { "saslStart", 1 },
        { "mechanism", _scram.Mechanism.Name },
        { "payload", _scram.First() },
        { "options", new BsonDocument { { "skipEmptyExchange", true } } },
    };

    /// <summary>From the server's first answer to its last; null where it has proved itself and is convinced.</summary>
    private async ValueTask<LoginReply?> ConverseAsync(BsonDocument first, CancellationToken cancel)
    {
        if (RefusalIn(first, "saslStart") is { } notBegun)
        {
            return notBegun;
        }

        // A speculative answer has no "ok" of its own, and a conversation's number may be of any type.
        var conversation = first["conversationId"];
        connection.SendsPassword();
        var second = await ContinueAsync(conversation, _scram.Final(Payload(first)), cancel);
        if (RefusalIn(second, "saslContinue") is { } refused)
        {
            return refused;
        }

        _scram.Verify(Payload(second));
        return second.IsTrue("done") ? null : await EndAsync(conversation, cancel);
    }

    // FerretDB 1.24 and servers that know no skipEmptyExchange (before 4.4) want an empty message more.
    private async ValueTask<LoginReply?> EndAsync(object? conversation, CancellationToken cancel)
    {
        var last = await ContinueAsync(conversation, [], cancel);
        return RefusalIn(last, "saslContinue")
            ?? (last.IsTrue("done") ? null : throw WireException.Violation("a login that does not end"));
    }

    /// <summary>A finished exchange shows that the server holds the verifier; only its list shows that we are now that account.</summary>
    private async ValueTask<LoginReply> WhoAmIAsync(CancellationToken cancel)
    {
        var status = await connection.RunAsync("admin", new BsonDocument { { "connectionStatus", 1 } }, cancel);
        if (CommandError.Of(status) is { Code: not CommandNotFound } error)
        {
            return new LoginReply(LoginVerdict.NoVerdict, error.Code.ToString(), error.Message);
        }

        var users = status.Document("authInfo")?.List<BsonDocument>("authenticatedUsers") ?? [];
        return CommandError.Of(status) is not null || users.Any(IsThisAccount)
            ? new LoginReply(LoginVerdict.Accepted) { IsPasswordProved = true }
            : new LoginReply(LoginVerdict.NoVerdict, "connectionStatus", "the server finished the login and lists nobody as signed in");
    }

    // FerretDB (1.24 and 2) lists the name alone.
    private bool IsThisAccount(BsonDocument user) => user.Text("user") == credential.User && (!user.Has("db") || user.Text("db") == credential.Database);

    private ValueTask<BsonDocument> ContinueAsync(object? conversation, byte[] payload, CancellationToken cancel) =>
        RunAsync(new BsonDocument { { "saslContinue", 1 }, { "conversationId", conversation }, { "payload", payload } }, cancel);

    private ValueTask<BsonDocument> RunAsync(BsonDocument command, CancellationToken cancel) => connection.RunAsync(credential.Database, command, cancel);

    private static LoginReply? RefusalIn(BsonDocument reply, string command) => reply switch
    {
        _ when reply.Has("payload") && (!reply.Has("ok") || reply.IsTrue("ok")) => null,
        _ when CommandError.Of(reply) is { } error => new LoginReply(LoginVerdict.Refused, error.Code.ToString(), error.Message),
        _ => throw WireException.Violation($"{command} was answered without a payload"),
    };

    private static byte[] Payload(BsonDocument reply) =>
        reply.Bytes("payload") ?? throw WireException.Violation("a payload that is no binary data");
}
