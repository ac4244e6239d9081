using Keyturn.Passwords;
using Keyturn.Resets;
using Keyturn.Storage.Sqlite;

namespace Keyturn.Storage.Tests.Sqlite;

/// <summary>Group commit: who goes on, and who does not.</summary>
public sealed class SqliteWriterTests : IAsyncLifetime
{
    private TestStore _test = null!;

    private SqliteWriter Writer => _test.Sqlite.Writer;

    public async ValueTask InitializeAsync()
    {
        _test = await TestStore.CreateAsync(StoreKind.Sqlite);
        await ExecuteScriptAsync("CREATE TABLE t (x INTEGER PRIMARY KEY, store INTEGER REFERENCES store (single) DEFERRABLE INITIALLY DEFERRED)");
    }

    public ValueTask DisposeAsync() => _test.DisposeAsync();

    [Fact]
    public async Task Write_Returned_IsSeenByReaders()
    {
        for (var x = 1; x <= 50; x++)
        {
            await InsertAsync(x);
            (await RowsAsync()).ShouldBe(x);
        }
    }

    [Fact]
    public async Task Write_NobodyElseWrites_IsDoneAtOnce()
    {
        var write = InsertAsync(1);

        write.IsCompletedSuccessfully.ShouldBeTrue();
        (await RowsAsync()).ShouldBe(1);
    }

    [Fact]
    public async Task Write_OneThrows_OnlyItFails()
    {
        var (batch, failing) = await BatchAsync(
            () => InsertAsync(1),
            () => Writer.WriteAsync<int>(Durability.Synced, session =>
            {
                session.Execute("INSERT INTO t (x) VALUES (99)");
                throw new InvalidOperationException("its own");
            }),
            () => InsertAsync(2));

        (await Should.ThrowAsync<InvalidOperationException>(failing[0])).Message.ShouldBe("its own");
        batch.Count(task => task.IsCompletedSuccessfully).ShouldBe(2);
        (await RowsAsync()).ShouldBe(2);
    }

    [Fact]
    public async Task Write_Contradiction_IsAConflict()
    {
        await InsertAsync(1);

        (await Should.ThrowAsync<StoreException>(InsertAsync(1))).Fault.ShouldBe(StoreFault.Conflict);
    }

    [Fact]
    public async Task Write_CommitFails_NobodyOfTheBatchGoesOn()
    {
        var (_, failing) = await BatchAsync(() => InsertAsync(1), () => InsertAsync(2, store: 7), () => InsertAsync(3));

        failing.Count.ShouldBe(3);
        (await RowsAsync()).ShouldBe(0);
        await InsertAsync(4);
        (await RowsAsync()).ShouldBe(1);
    }

    [Fact]
    public async Task Write_CommitFailed_LogIsCutAndBegunAnew()
    {
        (await RepairsAsync()).ShouldBe(0);

        await Should.ThrowAsync<StoreException>(InsertAsync(1, store: 7));
        await InsertAsync(2);

        (await RepairsAsync()).ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task Prepare_DiskFull_NobodyOfTheBatchGoesOnAndNothingIsWritten()
    {
        var before = await _test.Store.Audit.ListAsync(_test.ProjectId, 1000, default);
        await ExecuteScriptAsync("PRAGMA max_page_count = 1");
        var intents = Enumerable.Range(0, 300).Select(i => _test.Intent(_test.NewAccount($"app{i}"), new string('p', 4000))).ToList();

        var results = await Task.WhenAll(intents.Select(intent => _test.Store.Resets.PrepareAsync(intent).AsTask()));

        results.ShouldContain(result => result.Conflict == PrepareConflict.StoreFailed);
        await AssertWrittenAreThoseThatWentOnAsync(intents, results);
        results[^1].Detail!.ShouldStartWith("The store's disk is full");
        (await _test.Store.Audit.ListAsync(_test.ProjectId, 1000, default)).Count.ShouldBe(before.Count + results.Count(result => result.Conflict == PrepareConflict.None));
    }

    [Fact]
    public async Task Prepare_RoomAgainAfterDiskFull_Succeeds()
    {
        await ExecuteScriptAsync("PRAGMA max_page_count = 1");
        var intent = _test.Intent(_test.NewAccount("app"), new string('p', 100_000));
        (await _test.Store.Resets.PrepareAsync(intent)).Conflict.ShouldBe(PrepareConflict.StoreFailed);

        await ExecuteScriptAsync("PRAGMA max_page_count = 100000");

        (await _test.Store.Resets.PrepareAsync(intent)).Conflict.ShouldBe(PrepareConflict.None);
    }

    [Fact]
    public async Task Write_ThousandsOfThem_KeepTheLogShort()
    {
        for (var i = 0; i < 20; i++)
        {
            await Task.WhenAll(Enumerable.Range(i * 200, 200).Select(x => InsertAsync(x)));
        }

        new FileInfo($"{_test.Path}-wal").Length.ShouldBeLessThan(4 << 20);
        (await RowsAsync()).ShouldBe(4000);
    }

    [Fact]
    public async Task Dispose_WritesQueued_FinishesThem()
    {
        var writes = Enumerable.Range(0, 500).Select(x => InsertAsync(x)).ToList();

        await _test.ReopenAsync();

        writes.ShouldAllBe(write => write.IsCompletedSuccessfully);
        (await RowsAsync()).ShouldBe(500);
    }

    /// <summary>Holds the writer while the writes queue up, so that they are one batch.</summary>
    private async Task<(IReadOnlyList<Task> Batch, IReadOnlyList<Task> Failing)> BatchAsync(params Func<Task>[] writes)
    {
        using var isHeld = new SemaphoreSlim(0);
        using var mayGoOn = new SemaphoreSlim(0);
        var holder = Task.Run(() => Writer.WriteAsync(Durability.Committed, _ =>
        {
            isHeld.Release();
            mayGoOn.Wait();
            return ValueTask.FromResult(true);
        }));
        await isHeld.WaitAsync();
        var batch = writes.Select(write => write()).ToList();
        mayGoOn.Release();
        await holder;
        await Task.WhenAny(Task.WhenAll(batch));
        return (batch, [.. batch.Where(task => task.IsFaulted)]);
    }

    private async Task AssertWrittenAreThoseThatWentOnAsync(IReadOnlyList<ResetIntent> intents, IReadOnlyList<PrepareResult> results)
    {
        foreach (var (intent, result) in intents.Zip(results))
        {
            var wentOn = result.Conflict == PrepareConflict.None;
            (await _test.Store.Resets.FindAsync(intent.ResetId, default) is not null).ShouldBe(wentOn);
            (await _test.Store.Instances.FindAccountAsync(intent.Account.Id, default) is not null).ShouldBe(wentOn);
            (await _test.VersionsAsync(intent.Account.Id)).Any(version => version.State == SecretState.Pending).ShouldBe(wentOn);
        }
    }

    private Task<int> InsertAsync(int x, int? store = null) =>
        Writer.WriteAsync(Durability.Synced, session => session.ExecuteAsync("INSERT INTO t (x, store) VALUES ($x, $store)", ("$x", x), ("$store", store)));

    private Task<bool> ExecuteScriptAsync(string sql) => Writer.WriteAsync(default, session =>
    {
        session.ExecuteScript(sql);
        return ValueTask.FromResult(true);
    });

    private async Task<long> RowsAsync() => await ReadAsync("SELECT count(*) FROM t");

    private async Task<long> RepairsAsync() => await ReadAsync("SELECT log_repairs FROM store");

    private async Task<long> ReadAsync(string sql)
    {
        await using var readers = new SqliteReaders(_test.Path, _test.Clock);
        return await readers.ReadAsync(async session => (await session.FirstNumberAsync(sql))!.Value, default);
    }
}
