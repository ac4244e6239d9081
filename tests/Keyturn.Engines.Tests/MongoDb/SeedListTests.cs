using Keyturn.Engines.MongoDb;
using Keyturn.Instances;
using Keyturn.Wire.Dns;
using Keyturn.Wire.Tests.Dns;

namespace Keyturn.Engines.Tests.MongoDb;

public sealed class SeedListTests : IAsyncLifetime
{
    private const string Text = "mongodb+srv://db.example.com/";
    private readonly FakeResolver _resolver = new();

    public ValueTask InitializeAsync()
    {
        _resolver.AddSrv("_mongodb._tcp.db.example.com", "one.example.com", 27017);
        _resolver.AddSrv("_mongodb._tcp.db.example.com", "two.sub.example.com", 27018);
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync() => _resolver.DisposeAsync();

    [Fact]
    public async Task Read_SrvRecords_AreTheNodesOverTls()
    {
        var targets = (await ReadAsync(Text)).Value.ShouldNotBeNull();

        targets.Nodes.ShouldBe([new Node("one.example.com", 27017), new Node("two.sub.example.com", 27018)]);
        targets.HasTls.ShouldBe(true);
        targets.AuthDatabase.ShouldBeNull();
    }

    [Theory]
    [InlineData("", "reports")]
    [InlineData("?authSource=own", "own")]
    public async Task Read_TxtRecord_SaysWhatTheStringDoesNot(string options, string database)
    {
        _resolver.AddTxt("db.example.com", "authSource=reports&replicaSet=rs0");

        (await ReadAsync(Text + options)).Value.ShouldNotBeNull().AuthDatabase.ShouldBe(database);
    }

    [Theory]
    [InlineData("tls=false")]
    [InlineData("loadBalanced=true")]
    public async Task Read_TxtRecordWithWhatItMayNotSay_IsRefused(string options)
    {
        _resolver.AddTxt("db.example.com", options);

        (await ReadAsync(Text)).Failure.ShouldNotBeNull().Error.ShouldBe(EngineError.InvalidName);
    }

    /// <summary>The path of a local socket would be trusted.</summary>
    [Theory]
    [InlineData("/tmp/evil.example.com")]
    [InlineData("a:b.example.com")]
    [InlineData("a b.example.com")]
    public async Task Read_SrvRecordWithWhatIsNoName_IsRefused(string target)
    {
        _resolver.AddSrv("_mongodb._tcp.db.example.com", target, 27017);

        (await ReadAsync(Text)).Failure.ShouldNotBeNull().Error.ShouldBe(EngineError.InvalidName);
    }

    [Fact]
    public async Task Read_TwoTxtRecords_AreRefused()
    {
        _resolver.AddTxt("db.example.com", "authSource=a");
        _resolver.AddTxt("db.example.com", "authSource=b");

        (await ReadAsync(Text)).Failure.ShouldNotBeNull().Error.ShouldBe(EngineError.InvalidName);
    }

    [Theory]
    [InlineData("one.example.net")]
    [InlineData("one.badexample.com")]
    [InlineData("example.com")]
    [InlineData("example.com.evil.net")]
    public async Task Read_HostOfAnotherDomain_IsRefused(string host)
    {
        _resolver.AddSrv("_mongodb._tcp.db.example.com", host, 27017);

        (await ReadAsync(Text)).Failure.ShouldNotBeNull().Detail.ShouldContain(host);
    }

    [Fact]
    public async Task Read_NoRecord_IsNotResolved() =>
        (await ReadAsync("mongodb+srv://nowhere.example.com/")).Failure.ShouldNotBeNull().Error.ShouldBe(EngineError.NameNotResolved);

    [Fact]
    public async Task Read_OtherServiceName_IsLookedUp()
    {
        _resolver.AddSrv("_docs._tcp.db.example.com", "three.example.com", 27019);

        (await ReadAsync($"{Text}?srvServiceName=docs")).Value.ShouldNotBeNull().Nodes.ShouldBe([new Node("three.example.com", 27019)]);
    }

    private ValueTask<Answer<ConnectionTargets>> ReadAsync(string text) =>
        new MongoDbEngine(TimeProvider.System, new DnsClient([_resolver.Address], TimeProvider.System)).ReadAsync(text, TestContext.Current.CancellationToken);
}
