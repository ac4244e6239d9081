using Keyturn.Engines;
using Keyturn.Engines.MongoDb;
using Keyturn.Instances;
using Keyturn.Passwords;

namespace Keyturn.LiveTests.MongoDb;

/// <summary>Two STAND-INS (no MongoDB) that say that they are one replica set; nothing is replicated between them.</summary>
public sealed class StandInReplicaSetTests : IAsyncLifetime
{
    private static readonly AccountName App = new("app");
    private readonly MongoDbEngine _engine = new(TimeProvider.System);
    private StandInMongoDb _first = null!;
    private StandInMongoDb _second = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync()
    {
        (_first, _second) = (StandInMongoDb.Plain(), StandInMongoDb.Plain());
        foreach (var server in (StandInMongoDb[])[_first, _second])
        {
            server.Knobs.SetName = "rs0";
            server.Add("admin", "app", "Old-1");
        }

        Elect(_second);
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await _first.DisposeAsync();
        await _second.DisposeAsync();
    }

    [Fact]
    public async Task Reset_SeedThatIsASecondary_IsMadeAndProvedOnThePrimary()
    {
        await using var admin = await ConnectAsync(SeedOf(_first));
        (await admin.SetPasswordAsync(Change("New-2"), Cancel)).ShouldBeApplied();

        (await LoginAsync(SeedOf(_first), "New-2")).ShouldBe(Login.Accepted);

        admin.Server.IsReadOnly.ShouldBeFalse();
        _first.Commands.ShouldAllBe(command => command == "hello");
    }

    [Fact]
    public async Task Connect_AnySeed_HasTheIdentityOfTheSet()
    {
        await using var byFirst = await ConnectAsync(SeedOf(_first));
        await using var bySecond = await ConnectAsync(SeedOf(_second));

        byFirst.Server.Identity.ShouldBe("replica set 0123456789abcdef01234567");
        bySecond.Server.Identity.ShouldBe(byFirst.Server.Identity);
    }

    [Fact]
    public async Task Connect_FirstSeedIsDown_IsByTheNext()
    {
        var target = SeedOf(_first) with { Seeds = [NodeOf(_first), NodeOf(_second)] };
        await _first.DisposeAsync();

        await using var admin = await ConnectAsync(target);

        admin.Server.IsReadOnly.ShouldBeFalse();
        (await LoginAsync(target, "Old-1")).ShouldBe(Login.Accepted);
    }

    [Fact]
    public async Task NoPrimary_LoginIsNoEvidenceAndTheNodeIsReadOnly()
    {
        _second.Knobs.Primary = _first.Knobs.Primary = "";

        var login = await LoginAsync(SeedOf(_first), "Old-1");
        await using var admin = await ConnectAsync(SeedOf(_first));

        login.Login.ShouldBe(Login.Unreachable);
        login.Failure.ShouldNotBeNull().Error.ShouldBe(EngineError.ReadOnlyNode);
        admin.Server.IsReadOnly.ShouldBeTrue();
        var change = await admin.SetPasswordAsync(Change("New-2"), Cancel);
        change.Change.ShouldBe(Engines.Change.Refused);
        change.Failure.ShouldNotBeNull().Error.ShouldBe(EngineError.ReadOnlyNode);
    }

    [Fact]
    public async Task Connect_NodeRegisteredAsReplica_IsNotLeftForItsPrimary()
    {
        await using var admin = await ConnectAsync(SeedOf(_first) with { Node = NodeOf(_first) with { Role = NodeRole.Replica } });

        admin.Server.IsReadOnly.ShouldBeTrue();
        (await admin.InspectAsync(App, Cancel)).Value.ShouldNotBeNull().Exists.ShouldBeTrue();
    }

    [Fact]
    public async Task Inspect_WarmSessionAfterAnElection_SaysThatTheConnectionIsOver()
    {
        await using var warm = await ConnectAsync(SeedOf(_first));
        Elect(_first);

        var inspection = await warm.InspectAsync(App, Cancel);

        inspection.Failure.ShouldNotBeNull().Error.IsUnreachable().ShouldBeTrue();
        warm.IsUsable.ShouldBeFalse();
        await using var anew = await ConnectAsync(SeedOf(_first));
        (await anew.SetPasswordAsync(Change("New-2"), Cancel)).ShouldBeApplied();
    }

    [Fact]
    public async Task EndSession_AfterAnElection_AsksTheServerThatItWasOn()
    {
        var old = await ConnectAsync(SeedOf(_first));
        Elect(_first);
        await using var admin = await ConnectAsync(SeedOf(_first));

        (await admin.EndSessionAsync(old.Session, Cancel)).End.ShouldBe(SessionEnd.NotProved);
        await old.DisposeAsync();
        (await admin.EndSessionAsync(old.Session, Cancel)).End.ShouldBe(SessionEnd.Gone);

        await _second.DisposeAsync();
        (await admin.EndSessionAsync(old.Session, Cancel)).End.ShouldBe(SessionEnd.NotProved);
    }

    private static PasswordChange Change(string password) => new(App, new Secret(password));

    private static Node NodeOf(StandInMongoDb server) => new("127.0.0.1", server.Port);

    private static Target SeedOf(StandInMongoDb server) => Lab.Target(server.Describe(), new TlsSettings { Mode = TlsMode.Disable });

    private void Elect(StandInMongoDb primary)
    {
        foreach (var server in (StandInMongoDb[])[_first, _second])
        {
            server.Knobs.Primary = server == primary ? null : primary.Address;
        }
    }

    private async Task<IAdminSession> ConnectAsync(Target target)
    {
        var answer = await _engine.ConnectAsync(target, _first.Describe().Admin.Credential, Cancel);
        answer.Failure.ShouldBeNull();
        return answer.Value!;
    }

    private async Task<LoginResult> LoginAsync(Target target, string password) =>
        await _engine.TryLoginAsync(target, new Credential(App, new Secret(password)), derived: null, Cancel);
}
