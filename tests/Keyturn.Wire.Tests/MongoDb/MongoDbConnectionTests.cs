using Keyturn.Wire.MongoDb;

namespace Keyturn.Wire.Tests.MongoDb;

public sealed class MongoDbConnectionTests
{
    private static readonly BsonDocument Done = new() { { "ok", 1.0 } };

    public static TheoryData<byte[]> Hostile { get; } =
    [
        FakeMongoDb.Message(Done, length: int.MaxValue),
        FakeMongoDb.Message(Done, length: -1),
        FakeMongoDb.Message(Done, length: 16),
        FakeMongoDb.Message(Done, length: OpMsgLimit + 1),
        FakeMongoDb.Message(Done, responseTo: 2),
        FakeMongoDb.Message(Done, opCode: 1),
        FakeMongoDb.Message(Done, flags: 1),
        FakeMongoDb.Message(Done, flags: 2),
        FakeMongoDb.Message(Done, section: 1),
        "HTTP/1.1 400 Bad Request\r\n\r\n"u8.ToArray(),
    ];

    private const int OpMsgLimit = 4 * 1024 * 1024;

    [Fact]
    public async Task Run_Command_IsSentWithItsDatabase()
    {
        await using var server = new FakeMongoDb(_ => new BsonDocument { { "ok", 1.0 }, { "n", 3 } });
        await using var connection = await ConnectAsync(server);

        var reply = await connection.RunAsync("reports", new BsonDocument { { "ping", 1 } }, TestContext.Current.CancellationToken);

        reply.Integer("n").ShouldBe(3);
        server.Commands.Single().Select(element => element.Key).ShouldBe(["ping", "$db"]);
        server.Commands.Single().Text("$db").ShouldBe("reports");
    }

    [Theory]
    [MemberData(nameof(Hostile))]
    public async Task Run_ReplyThatIsNone_IsProtocolViolationAndTheEnd(byte[] reply)
    {
        await using var server = new FakeMongoDb(_ => reply);
        await using var connection = await ConnectAsync(server);

        var fault = await Should.ThrowAsync<WireException>(async () => await PingAsync(connection));

        fault.Fault.ShouldBe(WireFault.ProtocolViolation);
        connection.IsUsable.ShouldBeFalse();
    }

    [Fact]
    public async Task Run_ServerHangsUp_IsConnectionLostAndMayHaveBeenSent()
    {
        await using var server = new FakeMongoDb(_ => null);
        await using var connection = await ConnectAsync(server);

        var fault = await Should.ThrowAsync<WireException>(async () => await PingAsync(connection));

        fault.Fault.ShouldBe(WireFault.ConnectionLost);
        (fault.MayHaveSent, fault.MayHaveSentPassword).ShouldBe((true, false));
        (await Should.ThrowAsync<WireException>(async () => await PingAsync(connection))).Fault.ShouldBe(WireFault.ConnectionLost);
    }

    [Fact]
    public async Task Run_NoAnswerInTime_EndsTheConnection()
    {
        await using var server = new FakeMongoDb(_ => Array.Empty<byte>());
        await using var connection = await ConnectAsync(server);
        using var deadline = new CancellationTokenSource(TimeSpan.FromMilliseconds(200));

        var fault = await Should.ThrowAsync<WireException>(async () => await connection.RunAsync("admin", new BsonDocument { { "ping", 1 } }, deadline.Token));

        fault.Fault.ShouldBe(WireFault.TimedOut);
        connection.IsUsable.ShouldBeFalse();
    }

    private static ValueTask<MongoDbConnection> ConnectAsync(FakeMongoDb server) =>
        MongoDbConnection.ConnectAsync("127.0.0.1", server.Port, new WireTls(WireTlsMode.Disable), TestContext.Current.CancellationToken);

    private static async Task PingAsync(MongoDbConnection connection) =>
        await connection.RunAsync("admin", new BsonDocument { { "ping", 1 } }, TestContext.Current.CancellationToken);
}
