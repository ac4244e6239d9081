using Keyturn.Audit;
using Keyturn.Storage.Chain;

namespace Keyturn.Storage.Tests.Chain;

public sealed class PostgreSqlAuditChainTests() : AuditChainTests(StoreKind.PostgreSql)
{
    /// <summary>A node that slept through its lease finds its chain taken on, and goes on with another.</summary>
    [Fact]
    public async Task Append_AfterTheLeaseOfTheChainWasTakenOver_GoesOnInAnotherChain()
    {
        var first = (await LastAsync()).Link!;
        Test.Clock.Advance(TimeSpan.FromMinutes(2));
        await using var other = await Store.OpenAsync(Test.Where, Test.MasterKeys, Test.Clock, allowAsynchronous: true);
        await other.Audit.AppendAsync(Test.Audit("other"), default);
        var taken = (await LastAsync()).Link!;

        await Test.Store.Audit.AppendAsync(Test.Audit("late"), default);
        var late = (await LastAsync()).Link!;
        await other.Audit.AppendAsync(Test.Audit("other again"), default);

        (taken.Chain, taken.Number).ShouldBe((first.Chain, first.Number + 1));
        late.Chain.ShouldNotBe(first.Chain);
        (await LastAsync()).Link!.Number.ShouldBe(first.Number + 2);
        (await AuditVerification.RunAsync(Test.Where, Test.MasterKeys, [], Test.Clock, default)).Faults.ShouldBeEmpty();
    }

    /// <summary>Each of the two may be where a page of an export ends, and the other is passed over then.</summary>
    [Fact]
    public async Task Verify_SequenceThatIsThereTwice_IsNamed()
    {
        var last = (await LastAsync()).Sequence;
        await using (var other = await Store.OpenAsync(Test.Where, Test.MasterKeys, Test.Clock, allowAsynchronous: true))
        {
            await other.Audit.AppendAsync(Test.Audit("other"), default);
        }

        Test.Execute($"ALTER TABLE audit DISABLE TRIGGER ALL; ALTER TABLE audit DROP CONSTRAINT audit_pkey; UPDATE audit SET sequence = {last} WHERE action = 'other'");

        var fault = (await AuditVerification.RunAsync(Test.Where, Test.MasterKeys, [], Test.Clock, default)).Faults.ShouldHaveSingleItem();

        (fault.Damage, fault.Sequence).ShouldBe((AuditDamage.Reordered, last));
    }

    [Fact]
    public async Task Upkeep_KeepsTheLease()
    {
        await Test.Store.Audit.AppendAsync(Test.Audit("first"), default);
        var first = (await LastAsync()).Link!;
        Test.Clock.Advance(TimeSpan.FromSeconds(50));
        await Test.Store.AuditChains.RunAsync();
        Test.Clock.Advance(TimeSpan.FromSeconds(50));

        await using var other = await Store.OpenAsync(Test.Where, Test.MasterKeys, Test.Clock, allowAsynchronous: true);
        await other.Audit.AppendAsync(Test.Audit("other"), default);

        (await LastAsync()).Link!.Chain.ShouldNotBe(first.Chain);
    }

    /// <summary>Resets of different accounts do not wait for each other's commit.</summary>
    [Fact]
    public async Task Append_WhileAnotherTransactionIsOpen_DoesNotWaitForIt()
    {
        var appended = new TaskCompletionSource();
        var mayEnd = new TaskCompletionSource();
        var open = Test.Store.Database.WriteAsync(Durability.Committed, async session =>
        {
            await Tables.AuditRows.AppendAsync(session, Test.Audit("slow"), await session.NowAsync());
            await session.AnyAsync("SELECT 1");
            appended.SetResult();
            await mayEnd.Task;
        });
        await appended.Task;

        await Test.Store.Audit.AppendAsync(Test.Audit("fast"), default).AsTask().WaitAsync(TimeSpan.FromSeconds(8));
        mayEnd.SetResult();
        await open;

        (await AuditVerification.RunAsync(Test.Where, Test.MasterKeys, [], Test.Clock, default)).Faults.ShouldBeEmpty();
        (await Test.NumberAsync("SELECT count(*) FROM audit_chains")).ShouldBe(2);
    }

    private async Task<RecordedAuditEntry> LastAsync() => (await Test.Store.Audit.ListAsync(Test.ProjectId, 1, default))[0];
}
