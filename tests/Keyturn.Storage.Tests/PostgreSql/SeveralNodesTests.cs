using Keyturn.Passwords;
using Keyturn.Resets;

namespace Keyturn.Storage.Tests.PostgreSql;

/// <summary>Several nodes on one store: what they do at the same moment is done once.</summary>
public sealed class SeveralNodesTests : IAsyncLifetime
{
    private TestStore _test = null!;
    private Store[] _nodes = [];

    public async ValueTask InitializeAsync()
    {
        _test = await TestStore.CreateAsync(StoreKind.PostgreSql);
        _nodes = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Store.OpenAsync(_test.Where, _test.MasterKeys, _test.Clock, allowAsynchronous: true)));
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var node in _nodes)
        {
            await node.DisposeAsync();
        }

        await (_test?.DisposeAsync() ?? ValueTask.CompletedTask);
    }

    [Fact]
    public async Task Prepare_SameAccountOnAllNodes_OneOpenReset()
    {
        var account = await _test.AdoptedAccountAsync("app", "old");

        var results = await OnEachNodeAsync(4, node => node.Resets.PrepareAsync(_test.Intent(account)).AsTask());

        results.Count(result => result.Conflict == PrepareConflict.None).ShouldBe(1);
        results.Where(result => result.Conflict != PrepareConflict.None).ShouldAllBe(result => result.Conflict == PrepareConflict.ResetOpen);
        (await _test.VersionsAsync(account.Id)).Count.ShouldBe(2);
    }

    [Fact]
    public async Task TakeRotation_OnAllNodes_OneHasIt()
    {
        var account = await _test.AdoptedAccountAsync("app", "old");
        var schedule = (await _test.Store.Schedules.SetAsync(account.Id, 30, _test.Audit("account.schedule"), default))!;
        _test.Clock.Advance(TimeSpan.FromDays(30));

        var taken = await OnEachNodeAsync(4, node => node.Schedules.TryTakeAsync(schedule, TestStore.Lease, default).AsTask());

        taken.Count(isTaken => isTaken).ShouldBe(1);
    }

    [Fact]
    public async Task Prepare_OneDueTimeOnAllNodes_OneReset()
    {
        var account = await _test.AdoptedAccountAsync("app", "old");
        var schedule = (await _test.Store.Schedules.SetAsync(account.Id, 30, _test.Audit("account.schedule"), default))!;
        _test.Clock.Advance(TimeSpan.FromDays(30));

        var results = await OnEachNodeAsync(4, async node =>
        {
            var intent = _test.Intent(account) with { DueAt = schedule.DueAt };
            var prepared = await node.Resets.PrepareAsync(intent);
            return prepared.Conflict == PrepareConflict.None && await node.Resets.FinishAsync(_test.End(intent, ResetState.Done));
        });

        results.Count(isDone => isDone).ShouldBe(1);
        (await _test.VersionsAsync(account.Id)).Count.ShouldBe(2);
    }

    [Fact]
    public async Task Prepare_NewAccountUnderManyIds_IsStoredOnce()
    {
        var results = await OnEachNodeAsync(4, node => node.Resets.PrepareAsync(_test.Intent(_test.NewAccount("app"))).AsTask());

        results.Count(result => result.Conflict == PrepareConflict.None).ShouldBe(1);
        (await _test.Store.Instances.ListAccountsAsync(_test.Instance.Id, default)).Count(account => account.Name.User == "app").ShouldBe(1);
    }

    [Fact]
    public async Task Prepare_RowAndAllRowsOfAUser_NeverBoth()
    {
        var asked = 0;

        await OnEachNodeAsync(4, node =>
            node.Resets.PrepareAsync(_test.Intent(_test.NewAccount("app", Interlocked.Increment(ref asked) % 2 == 0 ? null : $"10.0.0.{asked}"))).AsTask());

        var hosts = (await _test.Store.Instances.ListAccountsAsync(_test.Instance.Id, default)).Where(account => account.Name.User == "app").ToList();
        (hosts.All(account => account.Name.Host is null) || hosts.All(account => account.Name.Host is not null)).ShouldBeTrue();
    }

    [Fact]
    public async Task TakeOver_AllNodesAtOnce_OneGetsEach()
    {
        var open = new List<ResetIntent>();
        for (var i = 0; i < 10; i++)
        {
            open.Add(await _test.PrepareAsync(_test.NewAccount($"app{i}")));
        }

        _test.Clock.Advance(2 * TestStore.Lease);

        var taken = await Task.WhenAll(_nodes.SelectMany(node => open.Select(intent => node.Resets.TakeOverAsync(intent.ResetId, TestStore.Lease, default).AsTask())));

        taken.OfType<TakenReset>().Select(reset => reset.Reset.Id).Order().ShouldBe(open.Select(intent => intent.ResetId).Order());
    }

    [Fact]
    public async Task Finish_WhileAnotherTakesOver_OnlyTheNewestFenceWrites()
    {
        for (var round = 0; round < 10; round++)
        {
            var intent = await _test.PrepareAsync(_test.NewAccount($"app{round}"));
            _test.Clock.Advance(2 * TestStore.Lease);

            var finish = _nodes[0].Resets.FinishAsync(_test.End(intent, ResetState.Done)).AsTask();
            var take = _nodes[1].Resets.TakeOverAsync(intent.ResetId, TestStore.Lease, default).AsTask();
            await Task.WhenAll(finish, take);

            // A take-over that finds the account in another's hands leaves it for later; both are never so.
            var reset = (await _test.Store.Resets.FindAsync(intent.ResetId, default))!;
            (await finish && await take is not null).ShouldBeFalse();
            reset.State.ShouldBe(await finish ? ResetState.Done : ResetState.Undecided);
        }
    }

    [Fact]
    public async Task Remove_InstanceWhileAResetIsPrepared_NeverBoth()
    {
        for (var round = 0; round < 10; round++)
        {
            var instance = _test.NewInstance($"round{round}");
            var admin = _test.NewAccount("admin") with { InstanceId = instance.Id };
            await _test.Store.Instances.AddAsync(instance, admin, new Secret("admin-password"), _test.Audit("instance.register"), default);

            var prepare = _nodes[0].Resets.PrepareAsync(_test.Intent(admin)).AsTask();
            var remove = _nodes[1].Instances.RemoveAsync(instance.Id, _test.Audit("instance.remove"), default).AsTask();
            await Task.WhenAll(prepare, remove);

            ((await prepare).Conflict == PrepareConflict.None).ShouldBe((await remove).Conflict != Keyturn.Instances.RegistrationConflict.None);
        }
    }

    [Fact]
    public async Task Create_ManyAtOnceInOneSchema_OneMakesTheStoreAndTheOthersFindIt()
    {
        using var database = TestDatabase.Find();

        var attempts = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => TryCreateAsync(database.Address))));

        attempts.Order().ShouldBe([null, StoreFault.Exists, StoreFault.Exists, StoreFault.Exists]);
    }

    [Fact]
    public async Task Open_SchemaOfALaterProgram_IsRefusedOnlyIfThatSaysSo()
    {
        await _test.ExecuteAsync("INSERT INTO schema_versions (number, oldest_program) VALUES (900, 1)");
        await using (await Store.OpenAsync(_test.Where, _test.MasterKeys, _test.Clock, allowAsynchronous: true))
        {
            // It adds to what this program knows.
        }

        await _test.ExecuteAsync("INSERT INTO schema_versions (number, oldest_program) VALUES (901, 900)");

        (await Should.ThrowAsync<StoreException>(() => Store.OpenAsync(_test.Where, _test.MasterKeys, _test.Clock, allowAsynchronous: true))).Fault.ShouldBe(StoreFault.SchemaNewer);
    }

    private async Task<StoreFault?> TryCreateAsync(string address)
    {
        try
        {
            await (await Store.CreateAsync(address, _test.MasterKeys, _test.Clock, allowAsynchronous: true)).DisposeAsync();
            return null;
        }
        catch (StoreException e)
        {
            return e.Fault;
        }
    }

    private async Task<T[]> OnEachNodeAsync<T>(int times, Func<Store, Task<T>> act) =>
        await Task.WhenAll(Enumerable.Range(0, times).SelectMany(_ => _nodes.Select(node => Task.Run(() => act(node)))));
}
