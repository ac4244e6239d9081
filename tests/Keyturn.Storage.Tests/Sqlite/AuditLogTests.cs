using Keyturn.Audit;
using Microsoft.Data.Sqlite;

namespace Keyturn.Storage.Tests.Sqlite;

public sealed class AuditLogTests : IAsyncLifetime
{
    private TestStore _test = null!;

    public async ValueTask InitializeAsync() => _test = await TestStore.CreateAsync();

    public ValueTask DisposeAsync() => _test.DisposeAsync();

    [Fact]
    public async Task Audit_Appended_IsListedNewestFirst()
    {
        var entry = _test.Audit("account.check", "accepted") with { Account = "app@%", ResetId = Guid.NewGuid(), Detail = "login" };
        var bare = new AuditEntry { Caller = _test.Caller, Action = "token.use", Outcome = "refused" };

        await _test.Store.Audit.AppendAsync(entry, default);
        _test.Clock.Advance(TimeSpan.FromSeconds(1));
        await _test.Store.Audit.AppendAsync(bare, default);

        var entries = await _test.Store.Audit.ListAsync(_test.ProjectId, 2, default);
        entries.Select(recorded => recorded.Entry).ShouldBe([bare, entry]);
        entries[0].Time.ShouldBe(_test.Clock.Now);
        entries[0].Sequence.ShouldBe(entries[1].Sequence + 1);
        (await _test.Store.Audit.ListAsync(Guid.NewGuid(), 10, default)).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("UPDATE audit SET outcome = 'done'")]
    [InlineData("DELETE FROM audit")]
    public async Task Audit_ChangedOrDeleted_IsRefused(string sql) =>
        (await Should.ThrowAsync<StoreException>(() => _test.Store.Writer.WriteAsync(default, session => session.Execute(sql))))
            .InnerException.ShouldBeOfType<SqliteException>().Message.ShouldContain("append-only");
}
