using Keyturn.Passwords;
using Keyturn.Resets;

namespace Keyturn.Storage.Tests.Sqlite;

/// <summary>What is left when the process dies: the database and its log as they are, the shared memory gone.</summary>
public sealed class CrashTests : IAsyncLifetime
{
    private readonly TempFolder _afterwards = new();
    private TestStore _test = null!;

    public async ValueTask InitializeAsync() => _test = await TestStore.CreateAsync(StoreKind.Sqlite);

    public async ValueTask DisposeAsync()
    {
        await _test.DisposeAsync();
        _afterwards.Dispose();
    }

    [Fact]
    public async Task Prepare_Returned_IsThereAfterACrash()
    {
        var account = await _test.AdoptedAccountAsync("app", "old");
        for (var i = 0; i < 10; i++)
        {
            var intent = await _test.PrepareAsync(account, $"new{i}");
            await using (var store = await CrashAsync($"{i}.db"))
            {
                (await store.Resets.DueAsync(10, default)).ShouldBe([intent.ResetId]);
                (await store.Resets.TakeOverAsync(intent.ResetId, TestStore.Lease, default))!.Pending.Reveal().ShouldBe($"new{i}");
            }

            await _test.FinishAsync(intent, ResetState.Done);
        }
    }

    [Fact]
    public async Task Finish_Returned_IsThereAfterACrash()
    {
        var intent = await _test.PrepareAsync(_test.NewAccount("app"), "new");
        await _test.FinishAsync(intent, ResetState.Done);

        await using var store = await CrashAsync("crash.db");

        (await store.Resets.FindAsync(intent.ResetId, default))!.State.ShouldBe(ResetState.Done);
        (await store.Secrets.ReadAsync(intent.Account.Id, 1, default)).Current!.Password.Reveal().ShouldBe("new");
    }

    [Fact]
    public async Task Log_CutAnywhere_HoldsWholeBatchesOnly()
    {
        var intent = await _test.PrepareAsync(_test.NewAccount("app"), "new");
        await _test.FinishAsync(intent, ResetState.Done);
        var log = new FileInfo($"{_test.Path}-wal").Length;
        for (var (cut, i) = (log, 0); cut >= 0; cut -= (log / 40) + 1, i++)
        {
            await using var store = await TryCrashAsync($"{i}.db", cut);
            if (store is not null)
            {
                await AssertWholeAsync(store, intent);
            }
        }
    }

    /// <summary>Either nothing of the reset is there, or all of the prepare, or all of the finish.</summary>
    private static async Task AssertWholeAsync(Store store, ResetIntent intent)
    {
        var reset = await store.Resets.FindAsync(intent.ResetId, default);
        var versions = (await store.Secrets.ReadAsync(intent.Account.Id, 10, default)).Versions;
        versions.Select(version => version.State).ShouldBe(reset?.State switch
        {
            null => [],
            ResetState.Prepared => [SecretState.Pending],
            _ => [SecretState.Current],
        });
        reset?.Nodes.Count.ShouldBe(1);
        reset?.Events.Count.ShouldBe(reset.State == ResetState.Prepared ? 1 : 2);
    }

    private async Task<Store?> TryCrashAsync(string name, long logLength)
    {
        try
        {
            return await CrashAsync(name, logLength);
        }
        catch (StoreException e) when (e.Fault == StoreFault.Missing)
        {
            // Cut before the store's own row.
            return null;
        }
    }

    private async Task<Store> CrashAsync(string name, long logLength = long.MaxValue)
    {
        var path = _afterwards.File(name);
        File.Copy(_test.Path, path);
        File.Copy($"{_test.Path}-wal", $"{path}-wal");
        if (logLength < long.MaxValue)
        {
            await using var log = new FileStream($"{path}-wal", FileMode.Open, FileAccess.Write);
            log.SetLength(logLength);
        }

        return await Store.OpenAsync(path, _test.MasterKeys, _test.Clock);
    }
}
