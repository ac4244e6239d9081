using Keyturn.Wire.MySql;

namespace Keyturn.Wire.Tests.MySql;

/// <summary>What a statement does with answers that are not what they should be.</summary>
public sealed class MySqlConnectionTests
{
    private static readonly byte[] Eof = [0xFE, 0, 0, 2, 0];
    private static readonly byte[] ColumnA = [3, .. "def"u8, 0, 0, 0, 1, (byte)'a', 0, 12, 45, 0, 0, 1, 0, 0, 253, 0, 0, 0, 0, 0];

    [Fact]
    public async Task Query_Rows_AreReadByName()
    {
        await using var server = Answering([1], ColumnA, Eof, [2, (byte)'x', (byte)'y'], [0xFB], [0xFE, 0, 0, 0, 2]);

        var result = await QueryAsync(server);

        result.Error.ShouldBeNull();
        result.Rows.Select(row => row["a"]).ShouldBe(["xy", null]);
        Should.Throw<WireException>(() => result.Rows[0]["b"]).Fault.ShouldBe(WireFault.ProtocolViolation);
    }

    [Fact]
    public async Task Query_StatusOfTheAnswer_IsKept()
    {
        await using var server = Answering([0, 0, 0, 2, 2, 0, 0]);
        await using var connection = await ConnectAsync(server);

        await connection.QueryAsync("DO 1", QueryLimits.Few, CancellationToken.None);

        connection.Status.ShouldBe((StatusFlags)0x0202);
        connection.Status.HasFlag(StatusFlags.NoBackslashEscapes).ShouldBeTrue();
    }

    [Fact]
    public async Task Query_ErrorAfterSomeRows_IsTheAnswer()
    {
        await using var server = Answering([1], ColumnA, Eof, [1, (byte)'x'], [0xFF, 0x25, 0x05, .. "#70100killed"u8]);

        var result = await QueryAsync(server);

        result.Error.ShouldBe(new ErrPacket(1317, "killed"));
        result.Rows.ShouldBeEmpty();
    }

    [Fact]
    public async Task Query_ServerAsksForAFile_GetsNone()
    {
        await using var server = Answering([0xFB, .. "/etc/passwd"u8]);

        await ShouldViolateAsync(server);
    }

    public static TheoryData<string, byte[][]> Lies { get; } = new()
    {
        { "more columns than there can be", [[0xFC, 0xFF, 0xFF]] },
        { "no column", [[0xFC, 0, 0]] },
        { "a column count of 2^64", [[0xFE, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]] },
        { "a column more than announced", [[1], ColumnA, ColumnA] },
        { "a column name past the end", [[1], [3, .. "def"u8, 0, 0, 0, 200, (byte)'a'], Eof] },
        { "a value past the end", [[1], ColumnA, Eof, [250, (byte)'x']] },
        { "a value of 2^63 bytes", [[1], ColumnA, Eof, [0xFE, 0, 0, 0, 0, 0, 0, 0, 0x80, 1]] },
        { "a value too many", [[1], ColumnA, Eof, [1, (byte)'x', 1, (byte)'y']] },
        { "another result to follow", [[0, 0, 0, 10, 0, 0, 0]] },
        { "a cut OK", [[0, 0, 0]] },
        { "rows without end", [[1], ColumnA, Eof, .. Enumerable.Repeat<byte[]>([1, (byte)'x'], 6)] },
        { "bytes without end", [[1], ColumnA, Eof, [0xFC, 0, 4, .. new byte[1024]]] },
    };

    [Theory]
    [MemberData(nameof(Lies))]
    public async Task Query_LyingAnswer_IsAViolation(string lie, byte[][] packets)
    {
        lie.ShouldNotBeEmpty();
        await using var server = Answering(packets);

        await ShouldViolateAsync(server);
    }

    [Fact]
    public async Task Query_RowsOfNulls_AreCountedByTheMemoryThatTheyTake()
    {
        byte[] nulls = [.. Enumerable.Repeat((byte)0xFB, 100)];
        await using var server = Answering([[100], .. Enumerable.Repeat(ColumnA, 100), Eof, .. Enumerable.Repeat(nulls, 100), Eof]);
        await using var connection = await ConnectAsync(server);

        var error = await Should.ThrowAsync<WireException>(async () => await connection.QueryAsync("SELECT a", new QueryLimits(Rows: 1000, Bytes: 64 * 1024), CancellationToken.None));

        error.Fault.ShouldBe(WireFault.ProtocolViolation);
    }

    private static FakeMySqlServer Answering(params byte[][] packets) => new(async server =>
    {
        await server.AcceptStatementAsync();
        foreach (var packet in packets)
        {
            await server.SendAsync(packet);
        }
    });

    private static async Task<MySqlConnection> ConnectAsync(FakeMySqlServer server)
    {
        var connection = await MySqlConnection.ConnectAsync("127.0.0.1", server.Port, new WireTls(WireTlsMode.Disable), CancellationToken.None);
        (await connection.LoginAsync("app", FakeMySqlServer.Password, CancellationToken.None)).Verdict.ShouldBe(LoginVerdict.Accepted);
        return connection;
    }

    private static async Task<QueryResult> QueryAsync(FakeMySqlServer server)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        await using var connection = await ConnectAsync(server);
        return await connection.QueryAsync("SELECT a", new QueryLimits(Rows: 5, Bytes: 512), deadline.Token);
    }

    private static async Task ShouldViolateAsync(FakeMySqlServer server) =>
        (await Should.ThrowAsync<WireException>(() => QueryAsync(server))).Fault.ShouldBe(WireFault.ProtocolViolation);
}
