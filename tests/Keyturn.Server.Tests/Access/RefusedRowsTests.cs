using Keyturn.Access;
using Keyturn.Audit;
using Keyturn.Server.Access;
using Keyturn.Storage;

namespace Keyturn.Server.Tests.Access;

/// <summary>A flood of refusals is few rows, all are counted, and nobody's first row is lost by somebody else's flood.</summary>
public sealed class RefusedRowsTests
{
    private readonly FakeLog _log = new();
    private readonly RefusedRows _rows;

    public RefusedRowsTests() => _rows = new RefusedRows(_log);

    [Fact]
    public async Task Note_TheSameAgainWithinASecond_IsCounted()
    {
        var caller = Principal();
        for (var i = 0; i < 5; i++)
        {
            await NoteAsync(caller, "app");
        }

        _log.Rows.ShouldBe(["app: reset: why"]);
        await _rows.FlushAsync();
        await NoteAsync(caller, "app");
        await _rows.FlushAsync();
        await _rows.FlushAsync();
        await NoteAsync(caller, "app");
        _log.Rows.ShouldBe(["app: reset: why", "app: reset: 4 more within a second.", "app: reset: 1 more within a second.", "app: reset: why"]);
    }

    [Fact]
    public async Task Note_ManyOfOneCaller_AreRowsUpToABound_AndAnothersAreNotLost()
    {
        var (caller, other) = (Principal(), Principal());
        for (var i = 0; i < 100; i++)
        {
            await NoteAsync(caller, $"account{i}");
        }

        await NoteAsync(other, "app");
        _log.Rows.Count.ShouldBe(65);
        _log.Rows[^1].ShouldBe("app: reset: why");
        await _rows.FlushAsync();
        _log.Rows.Count.ShouldBe(66);
        _log.Rows[^1].ShouldBe(": reset: 36 more within a second.");
    }

    /// <summary>What is counted and what is written takes different times: whether there is such an instance must not be what decides.</summary>
    [Fact]
    public async Task Note_OfOtherRequests_HasItsRowWhetherThereIsAnInstanceOrNot()
    {
        var caller = Principal();

        await NoteAsync(caller, account: null, "/one");
        await NoteAsync(caller, account: null, "/another");

        _log.Rows.Count.ShouldBe(2);
    }

    [Fact]
    public async Task Flush_StoreFails_KeepsTheCounts()
    {
        var caller = Principal();
        foreach (var account in (string[])["a", "a", "b", "b", "b"])
        {
            await NoteAsync(caller, account);
        }

        _log.IsFull = true;
        await Should.ThrowAsync<StoreException>(_rows.FlushAsync);
        await NoteAsync(caller, "c");
        _log.IsFull = false;
        await _rows.FlushAsync();

        _log.Rows.Skip(2).Order(StringComparer.Ordinal).ShouldBe(["a: reset: 1 more within a second.", "b: reset: 2 more within a second.", "c: reset: 1 more within a second."]);
    }

    private ValueTask NoteAsync(Caller caller, string? account, string named = "")
    {
        var beyond = new RefusedRows.Refused(caller, "access", "reset") { Group = caller.PrincipalId };
        return _rows.NoteAsync(beyond with { Account = account, Named = named, Beyond = beyond }, "request", () => ValueTask.FromResult("why"));
    }

    private static Caller Principal() => new(Guid.NewGuid(), "ci", Guid.NewGuid(), "127.0.0.1", "-");

    private sealed class FakeLog : IAuditLog
    {
        public List<string> Rows { get; } = [];

        public bool IsFull { get; set; }

        public ValueTask AppendAsync(AuditEntry entry, CancellationToken cancel)
        {
            if (IsFull)
            {
                throw new StoreException(StoreFault.DiskFull, "The disk is full.");
            }

            Rows.Add($"{entry.Account}: {entry.Detail}");
            return ValueTask.CompletedTask;
        }

        public ValueTask AppendSyncedAsync(AuditEntry entry, CancellationToken cancel) => throw new NotSupportedException();

        public ValueTask<IReadOnlyList<RecordedAuditEntry>> ListAsync(Guid projectId, AuditFilter filter, CancellationToken cancel) => throw new NotSupportedException();
    }
}
