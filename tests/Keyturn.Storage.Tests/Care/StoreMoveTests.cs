using Keyturn.Passwords;
using Keyturn.Storage.Care;
using Keyturn.Storage.Sealing;

namespace Keyturn.Storage.Tests.Care;

/// <summary>From a file to PostgreSQL.</summary>
public sealed class StoreMoveTests : IAsyncLifetime
{
    private TestStore _test = null!;
    private TestDatabase? _target;

    private string Target => _target!.Address;

    public async ValueTask InitializeAsync()
    {
        _target = TestDatabase.Find();
        _test = await TestStore.CreateAsync(StoreKind.Sqlite);
    }

    public async ValueTask DisposeAsync()
    {
        await _test.DisposeAsync();
        _target?.Dispose();
    }

    [Fact]
    public async Task Move_HasEverything_AndTheFileIsNotStartedOnAnyMore()
    {
        var account = await _test.AdoptedAccountAsync("app", "present");
        var intent = await _test.PrepareAsync(await _test.AdoptedAccountAsync("busy", "old"), "new");
        await _test.CloseAsync();

        (await MoveAsync()).Findings.ShouldBeEmpty();

        await using var moved = await Store.OpenAsync(Target, _test.MasterKeys, _test.Clock, allowAsynchronous: true);
        (await moved.Secrets.ReadAsync(account.Id, 1, default)).Current!.Password.Reveal().ShouldBe("present");
        (await moved.Instances.FindAccountAsync(account.Id, default)).ShouldBe(account, "nothing happened in between: it is as verified as before");
        (await moved.Resets.FindUnsettledAsync(intent.Account.Id, default))!.Id.ShouldBe(intent.ResetId);
        (await moved.Secrets.AdoptAsync(_test.NewAccount("later"), new Secret("x"), new VersionsSeen(0, Current: null), _test.Audit("account.adopt"), default))
            .ShouldBeTrue("numbers go on after the moved ones");
        var error = await Should.ThrowAsync<StoreException>(Store.OpenAsync(_test.Path, _test.MasterKeys, _test.Clock));
        (error.Fault, error.Message).ShouldBe((StoreFault.Retired, $"The store at {_test.Path} was moved to PostgreSQL: start on that one. This file is left as it was then."));
    }

    [Fact]
    public async Task Move_Again_SaysThatItIsDone()
    {
        await _test.CloseAsync();
        await MoveAsync();

        (await MoveAsync()).Findings.ShouldBeEmpty();
    }

    [Fact]
    public async Task Move_StoreInUse_IsRefused()
    {
        (await FaultOf(MoveAsync())).ShouldBe(StoreFault.InUse);
    }

    [Fact]
    public async Task Move_OverAnotherStore_IsRefusedAndTheFileGoesOn()
    {
        await _test.CloseAsync();
        await (await Store.CreateAsync(Target, new MasterKeys(MasterKey.Generate()), _test.Clock, allowAsynchronous: true)).DisposeAsync();

        (await FaultOf(MoveAsync())).ShouldBe(StoreFault.Exists);

        await _test.ReopenAsync();
    }

    [Fact]
    public async Task Move_NobodyThere_IsRefusedAndTheFileGoesOn()
    {
        await _test.CloseAsync();

        (await FaultOf(MoveAsync("Host=127.0.0.1;Port=9;Username=x;Database=x;Timeout=2"))).ShouldBe(StoreFault.Unreachable);

        await _test.ReopenAsync();
    }

    [Fact]
    public async Task Move_AnotherMasterKey_IsRefusedAndTheFileGoesOn()
    {
        await _test.CloseAsync();

        (await FaultOf(StoreMove.RunAsync(_test.Path, Target, new MasterKeys(MasterKey.Generate()), false, _test.Clock, default))).ShouldBe(StoreFault.MasterKey);

        await _test.ReopenAsync();
    }

    private static async Task<StoreFault> FaultOf(Task task) => (await Should.ThrowAsync<StoreException>(task)).Fault;

    private Task<StoreReport> MoveAsync(string? to = null) => StoreMove.RunAsync(_test.Path, to ?? Target, _test.MasterKeys, allowAsynchronous: true, _test.Clock, default);
}
