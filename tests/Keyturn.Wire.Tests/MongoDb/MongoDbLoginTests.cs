using System.Text;
using Keyturn.Wire.MongoDb;
using Keyturn.Wire.Sasl;

namespace Keyturn.Wire.Tests.MongoDb;

/// <summary>What a server may answer to each step of a login, and what follows. Whole exchanges are in the live tests.</summary>
public sealed class MongoDbLoginTests
{
    private static readonly BsonDocument Failed = new() { { "ok", 0.0 }, { "code", 18 }, { "codeName", "AuthenticationFailed" }, { "errmsg", "Authentication failed." } };

    [Fact]
    public void PasswordFor_Sha1_IsTheDigestOfMongoDbsFirstMethod()
    {
        // MongoDB's authentication specification: user "user", password "pencil".
        var credential = new MongoDbCredential("user", "admin", "pencil");

        Encoding.ASCII.GetString(credential.PasswordFor(ScramMechanism.Sha1)).ShouldBe("1c33006ec1ffd90f9cadcbcc0e118200");
        Encoding.ASCII.GetString(credential.PasswordFor(ScramMechanism.Sha256)).ShouldBe("pencil");
    }

    [Fact]
    public void PasswordFor_OtherCharacters_IsPreparedForSha256Only()
    {
        var credential = new MongoDbCredential("user", "admin", "I\u00adX");

        Encoding.UTF8.GetString(credential.PasswordFor(ScramMechanism.Sha256)).ShouldBe("IX");
        credential.PasswordFor(ScramMechanism.Sha1).ShouldNotBe(new MongoDbCredential("user", "admin", "IX").PasswordFor(ScramMechanism.Sha1));
    }

    // MongoDB's authentication specification, SCRAM-SHA-1: user "user", password "pencil".
    [Fact]
    public void Scram_ExampleOfTheSpecificationForSha1_HasItsBytes()
    {
        var password = new MongoDbCredential("user", "admin", "pencil").PasswordFor(ScramMechanism.Sha1);
        var client = new ScramClient("user", password, known: null, ScramChannelBinding.None, "fyko+d2lbbFgONRv9qkxdawL") { Mechanism = ScramMechanism.Sha1 };

        var final = client.Final("r=fyko+d2lbbFgONRv9qkxdawLHo+Vgk7qvUOKUwuWLIWg4l/9SraGMHEE,s=rQ9ZY3MntBeuP3E1TDVC4w==,i=10000"u8);

        Encoding.ASCII.GetString(final).ShouldBe("c=biws,r=fyko+d2lbbFgONRv9qkxdawLHo+Vgk7qvUOKUwuWLIWg4l/9SraGMHEE,p=MC2T8BvbmWRckDw8oWl5IVghwCY=");
        client.Verify("v=UMWeI25JD1yNYZRMpZ4VHvhZ9e0="u8);
    }

    [Fact]
    public async Task Login_Refused_IsOneFailedLoginAndTheServersWord()
    {
        await using var server = new FakeMongoDb(command => command.First().Key == "hello" ? Greeting() : Failed);

        var reply = await RunAsync(server);

        reply.Verdict.ShouldBe(LoginVerdict.Refused);
        reply.Code.ShouldBe("18");
        server.Commands.Select(command => command.First().Key).ShouldBe(["hello", "saslStart"]);
    }

    [Fact]
    public async Task Login_Greeting_NamesTheAccountAndBegins()
    {
        await using var server = new FakeMongoDb(command => command.First().Key == "hello" ? Greeting() : Failed);

        await RunAsync(server);

        var hello = server.Commands[0];
        hello.Text("saslSupportedMechs").ShouldBe("reports.app");
        var begun = hello.Document("speculativeAuthenticate")!;
        begun.Select(element => element.Key).ShouldBe(["saslStart", "mechanism", "payload", "options", "db"]);
        begun.Text("mechanism").ShouldBe("SCRAM-SHA-256");
        begun.Text("db").ShouldBe("reports");
        Encoding.ASCII.GetString(begun.Bytes("payload")!).ShouldStartWith("n,,n=app,r=");
        server.Commands[1].Text("$db").ShouldBe("reports");
    }

    [Fact]
    public async Task Login_AccountWithSha1Only_BeginsWithThatAndNothingElse()
    {
        await using var server = new FakeMongoDb(command => command.First().Key == "hello" ? Greeting("SCRAM-SHA-1") : Failed);

        await RunAsync(server);

        server.Commands.Skip(1).Select(command => command.Text("mechanism")).ShouldBe(["SCRAM-SHA-1"]);
    }

    [Fact]
    public async Task Login_AccountWithoutScram_IsNoVerdictAndNothingIsTried()
    {
        await using var server = new FakeMongoDb(_ => Greeting("MONGODB-X509"));

        var reply = await RunAsync(server);

        reply.Verdict.ShouldBe(LoginVerdict.NoVerdict);
        reply.Code.ShouldBe("MONGODB-X509");
        server.Commands.Count.ShouldBe(1);
    }

    [Fact]
    public async Task Login_OlderServer_IsGreetedByTheOldName()
    {
        var unknown = new BsonDocument { { "ok", 0.0 }, { "code", 59 }, { "errmsg", "no such command: 'hello'" } };
        await using var server = new FakeMongoDb(command => command.First().Key switch { "hello" => unknown, "isMaster" => Greeting(), _ => Failed });

        (await RunAsync(server)).Code.ShouldBe("18");
    }

    /// <summary>MongoDB 3.6, and later servers with SCRAM-SHA-1 alone, which list no methods of an account that is not there.</summary>
    [Theory]
    [InlineData(2, "Unsupported mechanism SCRAM-SHA-256")]
    [InlineData(334, "Unsupported mechanism SCRAM-SHA-256")]
    public async Task Login_ServerThatDoesNotKnowTheMethod_IsAskedWithTheOtherOne(int code, string message)
    {
        var unknown = new BsonDocument { { "ok", 0.0 }, { "code", code }, { "errmsg", message } };
        await using var server = new FakeMongoDb(command => command.First().Key == "hello" ? Greeting() : command.Text("mechanism") == "SCRAM-SHA-256" ? unknown : Failed);

        (await RunAsync(server)).Code.ShouldBe("18");

        server.Commands.Skip(1).Select(command => command.Text("mechanism")).ShouldBe(["SCRAM-SHA-256", "SCRAM-SHA-1"]);
    }

    [Fact]
    public async Task Login_ServerThatKnowsNeitherMethod_IsItsRefusal()
    {
        var unknown = new BsonDocument { { "ok", 0.0 }, { "code", 334 }, { "errmsg", "Unsupported mechanism" } };
        await using var server = new FakeMongoDb(command => command.First().Key == "hello" ? Greeting() : unknown);

        (await RunAsync(server)).Code.ShouldBe("334");

        server.Commands.Count.ShouldBe(3);
    }

    /// <summary>A router without its config servers, a member in an election: it passes, and is no other protocol.</summary>
    [Fact]
    public async Task Greeting_Refused_IsAServerThatCannotBeReachedNow()
    {
        var refusal = new BsonDocument { { "ok", 0.0 }, { "code", 133 }, { "errmsg", "Could not find host matching read preference" } };
        await using var server = new FakeMongoDb(_ => refusal);

        var error = await Should.ThrowAsync<WireException>(async () => await RunAsync(server));

        error.Fault.ShouldBe(WireFault.Unreachable);
        error.Message.ShouldContain("133");
    }

    public static TheoryData<string, BsonDocument> FirstAnswers { get; } = new()
    {
        { "no payload", new() { { "ok", 1.0 } } },
        { "a payload of text", new() { { "ok", 1.0 }, { "conversationId", 1 }, { "payload", "r=x" } } },
        { "another nonce", Challenge("r=other,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096") },
        { "too few rounds", Challenge("r={0}x,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4095") },
        { "one round", Challenge("r={0}x,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=1") },
        { "more rounds than there are numbers", Challenge("r={0}x,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=2147483648") },
        { "too many rounds", Challenge("r={0}x,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=100000000") },
    };

    [Theory]
    [MemberData(nameof(FirstAnswers))]
    public async Task Login_FirstAnswerThatIsNone_IsProtocolViolation(string what, BsonDocument answer)
    {
        await using var server = new FakeMongoDb(command => command.First().Key == "hello" ? Greeting() : WithNonceOf(command, answer));

        (await Should.ThrowAsync<WireException>(async () => await RunAsync(server), what)).Fault.ShouldBe(WireFault.ProtocolViolation);
        server.Commands.ShouldNotContain(command => command.First().Key == "saslContinue");
    }

    private static BsonDocument Challenge(string payload) => new() { { "ok", 1.0 }, { "conversationId", 1 }, { "done", false }, { "payload", Encoding.ASCII.GetBytes(payload) } };

    private static BsonDocument WithNonceOf(BsonDocument start, BsonDocument answer)
    {
        if (answer.Bytes("payload") is not { } payload)
        {
            return answer;
        }

        var first = Encoding.ASCII.GetString(start.Bytes("payload")!);
        var nonce = first[(first.IndexOf(",r=", StringComparison.Ordinal) + 3)..];
        return Challenge(Encoding.ASCII.GetString(payload).Replace("{0}", nonce));
    }

    private static BsonDocument Greeting(params string[] mechanisms)
    {
        var greeting = new BsonDocument { { "isWritablePrimary", true }, { "ok", 1.0 } };
        if (mechanisms.Length > 0)
        {
            greeting.Add("saslSupportedMechs", mechanisms.Cast<object?>().ToArray());
        }

        return greeting;
    }

    private static async Task<LoginReply> RunAsync(FakeMongoDb server)
    {
        var cancel = TestContext.Current.CancellationToken;
        await using var connection = await MongoDbConnection.ConnectAsync("127.0.0.1", server.Port, new WireTls(WireTlsMode.Disable), cancel);
        var login = new MongoDbLogin(connection, new MongoDbCredential("app", "reports", "sesame"));
        return await login.FinishAsync(await login.GreetAsync(cancel), cancel);
    }
}
