using Keyturn.Engines;
using Keyturn.Engines.MongoDb;
using Keyturn.Instances;

namespace Keyturn.LiveTests.MongoDb;

/// <summary>Sessions on a STAND-IN (no MongoDB) that does not show them.</summary>
[OnServer("mongodb-stand-in")]
public sealed class StandInSessionsTests : IAsyncLifetime
{
    private readonly StandInMongoDb _server = StandInMongoDb.Plain();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Theory]
    [InlineData("whose")]
    [InlineData("others")]
    [InlineData("numbers")]
    public async Task ListSessions_ServerThatDoesNotTell_IsAFailureAndNeverNone(string what)
    {
        _ = what switch
        {
            "whose" => _server.Knobs.ShowsWhoseConnections = false,
            "others" => _server.Knobs.ShowsOthersConnections = false,
            _ => _server.Knobs.HasProcessId = false,
        };
        var target = Lab.Target(_server.Describe(), new TlsSettings { Mode = TlsMode.Disable });
        await using var admin = (await new MongoDbEngine(TimeProvider.System).ConnectAsync(target, _server.Describe().Admin.Credential, Cancel)).Value.ShouldNotBeNull();

        var told = await ((IListsSessions)admin).ListSessionsAsync(new AccountName("app"), Cancel);

        told.Value.ShouldBeNull();
        told.Failure!.Error.ShouldBe(what == "others" ? EngineError.AdminLacksPrivilege : EngineError.Unsupported);
        told.Failure.Detail.ShouldContain(what switch { "whose" => "whose ours is", "others" => "clusterMonitor", _ => "does not number" });
    }
}
