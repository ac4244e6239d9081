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

    [Fact]
    public async Task List_WithAFilter_HasWhatFits_AndAfterASequenceTheOldestFirst()
    {
        var (instance, other) = (Test.Instance.Id, Guid.NewGuid());
        await Test.Store.Audit.AppendAsync(Test.Audit("account.check", "accepted") with { Account = "app" }, default);
        Test.Clock.Advance(TimeSpan.FromMinutes(1));
        await Test.Store.Audit.AppendAsync(Test.Audit("account.check", "rejected") with { Account = "app", InstanceId = other }, default);
        await Test.Store.Audit.AppendAsync(Test.Audit("account.reveal") with { Caller = Test.Caller with { PrincipalName = "somebody" } }, default);
        var all = await Test.Store.Audit.ListAsync(Test.ProjectId, 10, default);

        (await ActionsAsync(new AuditFilter(10) { Account = "app" })).ShouldBe(["account.check rejected", "account.check accepted"]);
        (await ActionsAsync(new AuditFilter(10) { Account = "app", InstanceId = instance })).ShouldBe(["account.check accepted"]);
        (await ActionsAsync(new AuditFilter(10) { Action = "account.check", Outcome = "rejected" })).ShouldBe(["account.check rejected"]);
        (await ActionsAsync(new AuditFilter(10) { Principal = "somebody" })).ShouldBe(["account.reveal done"]);
        (await ActionsAsync(new AuditFilter(10) { Since = Test.Clock.Now })).ShouldBe(["account.reveal done", "account.check rejected"]);
        (await ActionsAsync(new AuditFilter(2) { After = all[^1].Sequence })).ShouldBe(["account.check accepted", "account.check rejected"]);
        (await ActionsAsync(new AuditFilter(2) { After = all[0].Sequence })).ShouldBeEmpty();
    }

    [Fact]
    public async Task Append_OfNoProject_IsInTheLogOfTheFirst()
    {
        await Test.Store.Audit.AppendAsync(Test.Audit("authentication") with { Caller = Test.Caller with { ProjectId = Guid.Empty } }, default);

        (await Test.Store.Audit.ListAsync(Test.ProjectId, 1, default))[0].Entry.Action.ShouldBe("authentication");
    }

    [Theory]
    [InlineData("UPDATE audit SET outcome = 'done'")]
    [InlineData("DELETE FROM audit")]
    public async Task Audit_ChangedOrDeleted_IsRefused(string sql) =>
        (await Should.ThrowAsync<StoreException>(() => Test.ExecuteAsync(sql)))
            .InnerException!.Message.ShouldContain("append-only");

    private async Task<IEnumerable<string>> ActionsAsync(AuditFilter filter) =>
        (await Test.Store.Audit.ListAsync(Test.ProjectId, filter, default)).Select(row => $"{row.Entry.Action} {row.Entry.Outcome}");
}

public sealed class SqliteAuditLogTests() : AuditLogTests(StoreKind.Sqlite);

public sealed class PostgreSqlAuditLogTests() : AuditLogTests(StoreKind.PostgreSql);
