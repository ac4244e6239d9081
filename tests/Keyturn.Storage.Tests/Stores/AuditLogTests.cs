using Keyturn.Audit;

namespace Keyturn.Storage.Tests.Stores;

public abstract class AuditLogTests(StoreKind kind) : StoreContract(kind)
{
    [Fact]
    public async Task Audit_Appended_IsListedNewestFirst()
    {
        var entry = Test.Audit("account.check", "accepted") with { Account = "app@%", ResetId = Guid.NewGuid(), Detail = "login" };
        var bare = new AuditEntry { Caller = Test.Caller, Action = "token.use", Outcome = "refused" };

        await Test.Store.Audit.AppendAsync(entry, default);
        Test.Clock.Advance(TimeSpan.FromSeconds(1));
        await Test.Store.Audit.AppendAsync(bare, default);

        var entries = await Test.Store.Audit.ListAsync(Test.ProjectId, 2, default);
        entries.Select(recorded => recorded.Entry).ShouldBe([bare, entry]);
        entries[0].Time.ShouldBe(Test.Clock.Now);
        entries[0].Sequence.ShouldBe(entries[1].Sequence + 1);
        (await Test.Store.Audit.ListAsync(Guid.NewGuid(), 10, default)).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("UPDATE audit SET outcome = 'done'")]
    [InlineData("DELETE FROM audit")]
    public async Task Audit_ChangedOrDeleted_IsRefused(string sql) =>
        (await Should.ThrowAsync<StoreException>(() => Test.ExecuteAsync(sql)))
            .InnerException!.Message.ShouldContain("append-only");
}

public sealed class SqliteAuditLogTests() : AuditLogTests(StoreKind.Sqlite);

public sealed class PostgreSqlAuditLogTests() : AuditLogTests(StoreKind.PostgreSql);
