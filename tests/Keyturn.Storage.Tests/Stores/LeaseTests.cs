using Keyturn.Engines;
using Keyturn.Passwords;
using Keyturn.Resets;

namespace Keyturn.Storage.Tests.Stores;

public abstract class LeaseTests(StoreKind kind) : StoreContract(kind)
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private IResetStore Resets => Test.Store.Resets;

    [Fact]
    public async Task MaySend_LeaseLongEnough_IsTrue()
    {
        var intent = await Test.PrepareAsync(Test.NewAccount("app"));
        Test.Clock.Advance(TestStore.Lease - (5 * Second));

        (await Resets.MaySendAsync(intent.ResetId, 1, 5 * Second)).ShouldBeTrue();
    }

    [Fact]
    public async Task MaySend_LeaseTooShort_IsFalse()
    {
        var intent = await Test.PrepareAsync(Test.NewAccount("app"));
        Test.Clock.Advance(TestStore.Lease - (4 * Second));

        (await Resets.MaySendAsync(intent.ResetId, 1, 5 * Second)).ShouldBeFalse();
    }

    [Fact]
    public async Task MaySend_TakenOver_IsTrueForTheNewFenceOnly()
    {
        var intent = await ExpiredAsync();
        await Resets.TakeOverAsync(intent.ResetId, TestStore.Lease, default);

        (await Resets.MaySendAsync(intent.ResetId, 1, Second)).ShouldBeFalse();
        (await Resets.MaySendAsync(intent.ResetId, 2, Second)).ShouldBeTrue();
    }

    [Fact]
    public async Task MaySend_Ended_IsFalse()
    {
        var intent = await Test.PrepareAsync(Test.NewAccount("app"));
        await Test.FinishAsync(intent, ResetState.Done);

        (await Resets.MaySendAsync(intent.ResetId, 1, Second)).ShouldBeFalse();
    }

    [Fact]
    public async Task TakeOver_LeaseRuns_IsNull()
    {
        var intent = await Test.PrepareAsync(Test.NewAccount("app"));

        (await Resets.TakeOverAsync(intent.ResetId, TestStore.Lease, default)).ShouldBeNull();
    }

    [Fact]
    public async Task TakeOver_LeaseExpired_GivesBothSecretsUnderANewFence()
    {
        var account = await Test.AdoptedAccountAsync("app", "old");
        var intent = await Test.PrepareAsync(account, "new");
        Test.Clock.Advance(TestStore.Lease);

        var taken = (await Resets.TakeOverAsync(intent.ResetId, TestStore.Lease, default)).ShouldNotBeNull();

        taken.Pending.Reveal().ShouldBe("new");
        taken.Current!.Reveal().ShouldBe("old");
        (taken.Reset.Fence, taken.Reset.Attempts, taken.Reset.State).ShouldBe((2, 1, ResetState.Undecided));
        taken.Reset.Nodes.ShouldBe(intent.Nodes);
    }

    [Fact]
    public async Task TakeOver_NeverAdopted_HasNoCurrent()
    {
        var intent = await ExpiredAsync();

        (await Resets.TakeOverAsync(intent.ResetId, TestStore.Lease, default))!.Current.ShouldBeNull();
    }

    [Fact]
    public async Task TakeOver_ManyAtOnce_ExactlyOneGetsIt()
    {
        var intent = await ExpiredAsync();

        var taken = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Resets.TakeOverAsync(intent.ResetId, TestStore.Lease, default).AsTask()));

        taken.Count(reset => reset is not null).ShouldBe(1);
    }

    [Fact]
    public async Task TakeOver_Parked_OpensItAgain()
    {
        var intent = await Test.PrepareAsync(Test.NewAccount("app"));
        await Test.FinishAsync(intent, ResetState.Parked);

        var taken = (await Resets.TakeOverAsync(intent.ResetId, TestStore.Lease, default)).ShouldNotBeNull();

        taken.Reset.IsOpen.ShouldBeTrue();
        taken.Reset.EndedAt.ShouldBeNull();
    }

    [Theory]
    [InlineData(ResetState.Done)]
    [InlineData(ResetState.Failed)]
    public async Task TakeOver_Ended_IsNull(ResetState state)
    {
        var intent = await ExpiredAsync();
        await Test.FinishAsync(intent, state);

        (await Resets.TakeOverAsync(intent.ResetId, TestStore.Lease, default)).ShouldBeNull();
    }

    [Fact]
    public async Task Finish_OldFence_WritesNothing()
    {
        var intent = await ExpiredAsync();
        await Resets.TakeOverAsync(intent.ResetId, TestStore.Lease, default);

        (await Resets.FinishAsync(Test.End(intent, ResetState.Done))).ShouldBeFalse();
        (await Resets.FindAsync(intent.ResetId, default))!.State.ShouldBe(ResetState.Undecided);
        (await Test.VersionsAsync(intent.Account.Id))[0].State.ShouldBe(SecretState.Pending);
    }

    [Fact]
    public async Task RecordSessions_NewestFence_ReplacesThem()
    {
        var intent = await ExpiredAsync();
        await Resets.TakeOverAsync(intent.ResetId, TestStore.Lease, default);
        var nodes = new[] { intent.Nodes[0] with { Session = new ServerSession("4712", "later") } };

        (await Resets.RecordSessionsAsync(intent.ResetId, 2, nodes)).ShouldBeTrue();
        (await Resets.FindAsync(intent.ResetId, default))!.Nodes.ShouldBe(nodes);
    }

    [Fact]
    public async Task RecordSessions_OldFence_LeavesThem()
    {
        var intent = await ExpiredAsync();
        await Resets.TakeOverAsync(intent.ResetId, TestStore.Lease, default);

        (await Resets.RecordSessionsAsync(intent.ResetId, 1, [])).ShouldBeFalse();
        (await Resets.FindAsync(intent.ResetId, default))!.Nodes.ShouldBe(intent.Nodes);
    }

    [Fact]
    public async Task Due_LeaseRuns_IsEmpty()
    {
        await Test.PrepareAsync(Test.NewAccount("app"));

        (await Resets.DueAsync(10, default)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Due_LeasesExpired_OldestFirst()
    {
        var first = await Test.PrepareAsync(Test.NewAccount("app1"));
        var second = await Test.PrepareAsync(Test.NewAccount("app2"));
        Test.Clock.Advance(TestStore.Lease);

        (await Resets.DueAsync(10, default)).ShouldBe([first.ResetId, second.ResetId]);
        (await Resets.DueAsync(1, default)).ShouldBe([first.ResetId]);
    }

    [Fact]
    public async Task Due_GivenBack_WaitsForTheNextAttempt()
    {
        var intent = await Test.PrepareAsync(Test.NewAccount("app"));
        await Resets.FinishAsync(Test.End(intent, ResetState.Undecided) with { RetryAfter = 4 * Second });

        (await Resets.DueAsync(10, default)).ShouldBeEmpty();
        Test.Clock.Advance(4 * Second);
        (await Resets.DueAsync(10, default)).ShouldBe([intent.ResetId]);
    }

    [Fact]
    public async Task Open_LeaseOfTheProcessBefore_IsDueAtOnceUnlessThatMayBeAnotherNode()
    {
        var intent = await Test.PrepareAsync(Test.NewAccount("app"));

        await Test.ReopenAsync();

        if (Test.Kind == StoreKind.PostgreSql)
        {
            (await Resets.DueAsync(10, default)).ShouldBeEmpty();
            (await Resets.TakeOverAsync(intent.ResetId, TestStore.Lease, default)).ShouldBeNull();
            return;
        }

        (await Resets.DueAsync(10, default)).ShouldBe([intent.ResetId]);
        (await Resets.MaySendAsync(intent.ResetId, 1, TimeSpan.FromMilliseconds(1))).ShouldBeFalse();
        (await Resets.TakeOverAsync(intent.ResetId, TestStore.Lease, default)).ShouldNotBeNull();
    }

    [Fact]
    public async Task Due_ManyOfOneInstance_AFewOfEachInTurn()
    {
        var dead = new List<Guid>();
        for (var i = 0; i < 18; i++)
        {
            dead.Add((await Test.PrepareAsync(Test.NewAccount($"app{i}"))).ResetId);
        }

        var other = Test.NewInstance("second");
        var admin = Test.NewAccount("admin") with { InstanceId = other.Id };
        await Test.Store.Instances.AddAsync(other, admin, new Secret("admin-password"), Test.Audit("instance.register"), default);
        var healthy = (await Test.PrepareAsync(admin)).ResetId;
        Test.Clock.Advance(2 * TestStore.Lease);

        (await Resets.DueAsync(100, default)).ShouldBe([dead[0], healthy, .. dead[1..16]]);
    }

    private async Task<ResetIntent> ExpiredAsync()
    {
        var intent = await Test.PrepareAsync(Test.NewAccount("app"));
        Test.Clock.Advance(TestStore.Lease);
        return intent;
    }
}

public sealed class SqliteLeaseTests() : LeaseTests(StoreKind.Sqlite);

public sealed class PostgreSqlLeaseTests() : LeaseTests(StoreKind.PostgreSql);
