using System.Net;
using Keyturn.Wire.Dns;

namespace Keyturn.Wire.Tests.Dns;

public sealed class DnsClientTests : IAsyncLifetime
{
    private readonly FakeResolver _resolver = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _resolver.DisposeAsync();

    [Fact]
    public async Task Services_SeveralHosts_AreAllOfThem()
    {
        _resolver.AddSrv("_mongodb._tcp.db.example.com", "one.example.com", 27017);
        _resolver.AddSrv("_mongodb._tcp.db.example.com", "two.example.com", 27018);
        _resolver.Add("_mongodb._tcp.db.example.com", 5, FakeResolver.Name("elsewhere.example.com"));

        (await Client().ServicesAsync("_mongodb._tcp.db.example.com", Cancel))
            .ShouldBe([new SrvRecord("one.example.com", 27017), new SrvRecord("two.example.com", 27018)]);
    }

    [Fact]
    public async Task Services_TargetThatPointsBack_IsWhole()
    {
        // "one" and a pointer to "example.com" in the question: after the header and "_mongodb._tcp.db".
        _resolver.Add("_mongodb._tcp.db.example.com", 33, [0, 0, 0, 0, 0x69, 0x89, 3, (byte)'o', (byte)'n', (byte)'e', 0xC0, 12 + 9 + 5 + 3]);

        (await Client().ServicesAsync("_mongodb._tcp.db.example.com", Cancel)).ShouldBe([new SrvRecord("one.example.com", 27017)]);
    }

    [Fact]
    public async Task Texts_StringsOfOneRecord_AreOneText()
    {
        _resolver.AddTxt("db.example.com", "authSource=", "reports");

        (await Client().TextsAsync("db.example.com", Cancel)).ShouldBe(["authSource=reports"]);
    }

    [Fact]
    public async Task NoSuchNameOrNoSuchRecord_IsNone()
    {
        _resolver.AddTxt("db.example.com", "x");

        (await Client().ServicesAsync("nowhere.example.com", Cancel)).ShouldBeEmpty();
        (await Client().ServicesAsync("db.example.com", Cancel)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Answer_TooLongForUdp_IsAskedForOverTcp()
    {
        _resolver.Truncates = true;
        _resolver.AddTxt("db.example.com", new string('x', 200), new string('y', 200), new string('z', 200));

        (await Client().TextsAsync("db.example.com", Cancel)).Single().Length.ShouldBe(600);
    }

    [Fact]
    public async Task FirstResolver_Silent_NextIsAsked()
    {
        _resolver.AddTxt("db.example.com", "x");
        await using var silent = new FakeResolver { Twist = _ => [1, 2, 3] };

        (await new DnsClient([silent.Address, _resolver.Address], TimeProvider.System).TextsAsync("db.example.com", Cancel)).ShouldBe(["x"]);
    }

    /// <summary>What does not answer our question is not listened to, as if nobody had spoken.</summary>
    [Theory]
    [InlineData(0, 0xFF)] // another number
    [InlineData(2, 0x01)] // no answer but a question
    [InlineData(14, 'x')] // to another name
    public async Task Answer_ToAnotherQuestion_IsNotHeard(int at, int value)
    {
        _resolver.AddTxt("db.example.com", "x");
        _resolver.Twist = answer =>
        {
            answer[at] = (byte)(at == 0 ? answer[at] ^ value : value);
            return answer;
        };

        (await Should.ThrowAsync<WireException>(async () => await Client().TextsAsync("db.example.com", Cancel))).Fault.ShouldBe(WireFault.TimedOut);
        _resolver.Queries.ShouldBe(2);
    }

    public static TheoryData<string, ushort, byte[]> HostileRecords { get; } = new()
    {
        { "a string that reaches past its record", 16, [200, 1, 2] },
        { "a service without a target", 33, [0, 0, 0, 0, 1, 1] },
        { "a name that points at itself", 33, [0, 0, 0, 0, 1, 1, 0xC0, 50] },
        { "a name that points forward", 33, [0, 0, 0, 0, 1, 1, 0xC1, 0xFF] },
        { "a name that ends nowhere", 33, [0, 0, 0, 0, 1, 1, 63, 1] },
    };

    [Theory]
    [MemberData(nameof(HostileRecords))]
    public async Task Answer_HostileRecord_IsProtocolViolation(string what, ushort type, byte[] data)
    {
        _resolver.Add("db.example.com", type, data);

        async Task AskAsync() => _ = type == 16 ? (object)await Client().TextsAsync("db.example.com", Cancel) : await Client().ServicesAsync("db.example.com", Cancel);

        (await Should.ThrowAsync<WireException>(AskAsync, what)).Fault.ShouldBe(WireFault.ProtocolViolation);
    }

    [Fact]
    public async Task Answer_CutShort_IsProtocolViolation()
    {
        _resolver.AddTxt("db.example.com", "x");
        _resolver.Twist = answer => answer[..^8];

        (await Should.ThrowAsync<WireException>(async () => await Client().TextsAsync("db.example.com", Cancel))).Fault.ShouldBe(WireFault.ProtocolViolation);
    }

    [Theory]
    [InlineData("")]
    [InlineData("a..b")]
    [InlineData("ünï.example.com")]
    public async Task Name_ThatIsNone_IsNotAsked(string name)
    {
        (await Should.ThrowAsync<WireException>(async () => await Client().TextsAsync(name, Cancel))).Fault.ShouldBe(WireFault.NameNotResolved);
        _resolver.Queries.ShouldBe(0);
    }

    [Fact]
    public void ReadResolvers_FileOfTheSystem_IsItsNameservers() =>
        DnsClient.ReadResolvers(["# nameserver 1.1.1.1", "search example.com", "nameserver 192.0.2.1", "nameserver\t2001:db8::1 ", "nameserver nonsense"])
            .ShouldBe([new IPEndPoint(IPAddress.Parse("192.0.2.1"), 53), new IPEndPoint(IPAddress.Parse("2001:db8::1"), 53)]);

    private DnsClient Client() => new([_resolver.Address], TimeProvider.System);
}
