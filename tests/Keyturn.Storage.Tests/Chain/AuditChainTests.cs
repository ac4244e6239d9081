using Keyturn.Audit;
using Keyturn.Resets;
using Keyturn.Storage.Care;
using Keyturn.Storage.Chain;
using Keyturn.Storage.Sealing;
using Keyturn.Storage.Tests.Stores;

namespace Keyturn.Storage.Tests.Chain;

/// <summary>The log is proved to be as it was written; who has the database and not the master key is found out.</summary>
public abstract class AuditChainTests(StoreKind kind) : StoreContract(kind)
{
    private const int Rows = 6;

    [Fact]
    public async Task Verify_WhatWasWritten_FindsNothing_AlsoAfterAReopening()
    {
        await WriteAsync();
        await Test.ReopenAsync();
        await Test.Store.Audit.AppendAsync(Test.Audit("after") with { Account = "a\0b", Detail = "é \U0001F511" }, default);

        var report = await VerifyAsync();

        report.Faults.ShouldBeEmpty();
        (report.Rows, report.Earlier).ShouldBe((await Test.NumberAsync("SELECT count(*) FROM audit"), 0));
        (await Test.Store.Audit.ListAsync(Test.ProjectId, 1, default))[0].Link!.Hash.Length.ShouldBe(64);
    }

    [Theory]
    [InlineData("outcome = 'done'")]
    [InlineData("source = '10.0.0.1'")]
    [InlineData("account = NULL")]
    [InlineData("detail = ''")]
    [InlineData("principal_name = 'somebody'")]
    public async Task Verify_RowThatWasEdited_IsNamed(string change)
    {
        var edited = (await WriteAsync())[2];
        await AlterAsync($"UPDATE audit SET {change} WHERE sequence = {edited.Sequence}");

        var fault = (await VerifyAsync()).Faults.ShouldHaveSingleItem();

        (fault.Damage, fault.Sequence, fault.Action).ShouldBe((AuditDamage.Edited, edited.Sequence, "row 2"));
        fault.Time.ShouldBe(edited.Time);
    }

    [Fact]
    public async Task Verify_RowThatWasRemoved_IsNamedByTheOneBeforeIt()
    {
        var rows = await WriteAsync();
        await AlterAsync($"DELETE FROM audit WHERE sequence = {rows[2].Sequence}");

        var fault = (await VerifyAsync()).Faults.ShouldHaveSingleItem();

        (fault.Damage, fault.Sequence, fault.Action).ShouldBe((AuditDamage.Removed, rows[1].Sequence, "row 1"));
        fault.What.ShouldContain($"the next is sequence {rows[3].Sequence}");
    }

    [Theory]
    [InlineData("chain_number")]
    [InlineData("sequence")]
    public async Task Verify_RowsThatWereSwapped_AreNamed(string column)
    {
        var rows = await WriteAsync();
        var (first, second) = (rows[2], rows[4]);
        await SwapAsync(column, first, second);

        var fault = (await VerifyAsync()).Faults.ShouldHaveSingleItem();

        fault.Damage.ShouldBe(AuditDamage.Reordered);
        fault.Sequence.ShouldNotBeNull();
        fault.Sequence.Value.ShouldBeInRange(first.Sequence, second.Sequence);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Verify_EndThatWasCutOff_IsFound_AlsoWhereTheHeadWasMovedBack(bool withHead)
    {
        var rows = await WriteAsync();
        var last = rows[3].Link!;
        await AlterAsync($"DELETE FROM audit WHERE sequence > {rows[3].Sequence}");
        if (withHead)
        {
            await Test.ExecuteAsync("UPDATE audit_chains SET number = $number, hash = $hash", ("$number", last.Number), ("$hash", Convert.FromHexString(last.Hash)));
        }

        var fault = (await VerifyAsync()).Faults.ShouldHaveSingleItem();

        (fault.Damage, fault.Sequence, fault.Action).ShouldBe((AuditDamage.Truncated, rows[3].Sequence, "row 3"));
    }

    /// <summary>Whoever has an old copy of the store has an old head with its seal.</summary>
    [Fact]
    public async Task Verify_LogThatWasSetBackToAnOldCopy_IsFoundByAHeadThatWasKeptElsewhere()
    {
        var rows = await WriteAsync();
        var old = await ReadHeadAsync();
        await Test.Store.Audit.AppendAsync(Test.Audit("later"), default);
        var kept = await AuditVerification.HeadsAsync(Test.Where, Test.Clock, default);
        await AlterAsync($"DELETE FROM audit WHERE sequence > {rows[^1].Sequence}");
        await Test.ExecuteAsync("UPDATE audit_chains SET number = $number, hash = $hash, seal = $seal", ("$number", old.Number), ("$hash", old.Hash), ("$seal", old.Seal));

        (await VerifyAsync()).Faults.ShouldBeEmpty("nothing in the store says so any more");
        var fault = (await VerifyAsync(kept)).Faults.ShouldHaveSingleItem();

        (fault.Damage, fault.Sequence).ShouldBe((AuditDamage.Truncated, rows[^1].Sequence));
        (await VerifyAsync([kept[0] with { Chain = Guid.NewGuid() }])).Faults.ShouldHaveSingleItem().Damage.ShouldBe(AuditDamage.Removed);
        (await VerifyAsync([kept[0] with { Number = 2, Hash = new string('0', 64) }])).Faults.ShouldHaveSingleItem().Damage.ShouldBe(AuditDamage.Edited);
    }

    [Fact]
    public async Task Verify_RowThatWasPutIn_IsNamed()
    {
        var last = (await WriteAsync())[^1];
        await ForgeAsync();

        var fault = (await VerifyAsync()).Faults.ShouldHaveSingleItem();

        (fault.Damage, fault.Action).ShouldBe((AuditDamage.Added, "forged"));
        fault.Sequence!.Value.ShouldBeGreaterThan(last.Sequence);
    }

    /// <summary>The database gives sequences from 1 on, and an export begins there.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(-5)]
    [InlineData(long.MinValue)]
    public async Task Verify_RowThatWasPutInBeforeTheFirst_IsNamed(long sequence)
    {
        await WriteAsync();
        var kept = await AuditVerification.HeadsAsync(Test.Where, Test.Clock, default);
        await ForgeAsync(("sequence", $"{sequence}"));

        var fault = (await VerifyAsync(kept)).Faults.ShouldHaveSingleItem();

        (fault.Damage, fault.Sequence, fault.Action).ShouldBe((AuditDamage.Added, sequence, "forged"));
    }

    [Fact]
    public async Task Verify_RowsThatWereMovedOutOfTheExport_AreNamed()
    {
        var rows = await WriteAsync();
        await AlterAsync($"UPDATE audit SET sequence = sequence - 1000000 WHERE sequence <= {rows[2].Sequence}");

        var fault = (await VerifyAsync()).Faults.ShouldHaveSingleItem();

        (fault.Damage, fault.Sequence).ShouldBe((AuditDamage.Reordered, 1 - 1000000));
    }

    /// <summary>Nobody meets it who goes along the chain from its first number.</summary>
    [Fact]
    public async Task Verify_RowThatWasPutInBesideAChain_IsNamed()
    {
        await WriteAsync();
        await ForgeAsync(("chain_id", "(SELECT id FROM audit_chains)"), ("chain_number", "0"), ("hash", "(SELECT hash FROM audit_chains)"));

        var fault = (await VerifyAsync()).Faults.ShouldHaveSingleItem();

        (fault.Damage, fault.Action).ShouldBe((AuditDamage.Added, "forged"));
    }

    /// <summary>Also where one page of the chain ends and the next begins.</summary>
    [Theory]
    [InlineData(3)]
    [InlineData(1000)]
    public async Task Verify_NumberThatIsThereTwice_IsFound(int number)
    {
        await Test.Store.Database.WriteAsync(Durability.Committed, async session =>
        {
            for (var i = 0; i < 1001; i++)
            {
                await Tables.AuditRows.AppendAsync(session, Test.Audit($"row {i}"), await session.NowAsync());
            }
        });
        (await VerifyAsync()).Faults.ShouldBeEmpty();
        await Test.ExecuteAsync("DROP INDEX audit_by_chain");
        await ForgeAsync(("chain_id", "(SELECT id FROM audit_chains)"), ("chain_number", $"{number}"), ("hash", "(SELECT hash FROM audit_chains)"));

        (await VerifyAsync()).Faults.ShouldHaveSingleItem();
    }

    /// <summary>Whoever checks a store, or restores a backup, need not think of a second command.</summary>
    [Fact]
    public async Task Check_OfAStoreWhoseLogWasAltered_SaysWhatVerifySays()
    {
        var rows = await WriteAsync();
        (await StoreCheck.RunAsync(Test.Where, Test.MasterKeys, Test.Clock, default)).Findings.ShouldBeEmpty();
        await AlterAsync($"UPDATE audit SET outcome = 'done' WHERE sequence = {rows[2].Sequence}");
        await ForgeAsync();

        var findings = (await StoreCheck.RunAsync(Test.Where, Test.MasterKeys, Test.Clock, default)).Findings.Where(finding => finding.Where.StartsWith("audit log", StringComparison.Ordinal)).ToList();

        findings.Count.ShouldBe(2, "besides the triggers that whoever altered it took away");
        findings.Select(finding => finding.What).ShouldBe((await VerifyAsync()).Faults.Select(fault => $"{fault.Damage}: {fault.What}"));
        findings[0].Where.ShouldBe($"audit log, sequence {rows[2].Sequence} (row 2)");
        (await StoreCheck.RunAsync(Test.Where, masterKeys: null, Test.Clock, default)).Findings.ShouldNotContain(finding => finding.Where.StartsWith("audit log", StringComparison.Ordinal), "without the key nothing can be said of it");
    }

    [Fact]
    public async Task Verify_WithAnotherMasterKey_IsRefused() =>
        (await Should.ThrowAsync<StoreException>(AuditVerification.RunAsync(Test.Where, new MasterKeys(MasterKey.Generate()), [], Test.Clock, default)))
            .Fault.ShouldBe(StoreFault.MasterKey);

    /// <summary>The head was altered while nobody had the store open: a row after it would be sealed by us.</summary>
    [Fact]
    public async Task Append_AfterAHeadThatWasAltered_BeginsAnotherChain()
    {
        var rows = await WriteAsync();
        await Test.CloseAsync();
        await Test.ReopenAsync();
        Test.Clock.Advance(TimeSpan.FromHours(1));
        await AlterAsync($"DELETE FROM audit WHERE sequence > {rows[1].Sequence}");
        await Test.ExecuteAsync("UPDATE audit_chains SET number = $number, hash = $hash", ("$number", rows[1].Link!.Number), ("$hash", Convert.FromHexString(rows[1].Link!.Hash)));

        await Test.Store.Audit.AppendAsync(Test.Audit("after"), default);

        (await Test.Store.Audit.ListAsync(Test.ProjectId, 1, default))[0].Link!.Chain.ShouldNotBe(rows[0].Link!.Chain);
        (await VerifyAsync()).Faults.ShouldHaveSingleItem().Damage.ShouldBe(AuditDamage.Truncated);
    }

    [Fact]
    public async Task Append_ThatIsRolledBack_LeavesNoGap()
    {
        var account = await Test.AdoptedAccountAsync("app", "old");
        await Test.PrepareAsync(account);

        (await Test.Store.Resets.PrepareAsync(Test.Intent(account))).Conflict.ShouldBe(PrepareConflict.ResetOpen);
        await Should.ThrowAsync<InvalidOperationException>(Test.Store.Database.WriteAsync(Durability.Committed, async session =>
        {
            await Tables.AuditRows.AppendAsync(session, Test.Audit("gone"), await session.NowAsync());
            throw new InvalidOperationException("after it");
        }));
        await Test.Store.Audit.AppendAsync(Test.Audit("after"), default);

        (await VerifyAsync()).Faults.ShouldBeEmpty();
        (await Test.NumberAsync("SELECT count(*) FROM audit_chains")).ShouldBe(1);
    }

    [Fact]
    public async Task Append_FromManyAtOnce_KeepsEveryChainWhole()
    {
        await Task.WhenAll(Enumerable.Range(0, 200).Select(i => Test.Store.Audit.AppendAsync(Test.Audit($"row {i}"), default).AsTask()));

        var report = await VerifyAsync();
        report.Faults.ShouldBeEmpty();
        report.Rows.ShouldBe(201);
        (await Test.Store.Audit.ListAsync(Test.ProjectId, 1000, default)).Select(row => (row.Link!.Chain, row.Link.Number)).ShouldBeUnique();
    }

    /// <summary>A reset whose audit row cannot be written does not happen: without prepare nothing is sent.</summary>
    [Fact]
    public async Task Prepare_WhoseAuditRowIsRefused_LeavesNothing()
    {
        var account = await Test.AdoptedAccountAsync("app", "old");
        await RefuseInsertsAsync();

        var result = await Test.Store.Resets.PrepareAsync(Test.Intent(account));

        result.Conflict.ShouldBe(PrepareConflict.StoreFailed);
        (await Test.NumberAsync("SELECT count(*) FROM resets")).ShouldBe(0);
        (await Test.VersionsAsync(account.Id)).ShouldHaveSingleItem().Password.ShouldBe("old");
    }

    [Fact]
    public async Task Backup_RestoredElsewhere_HasValidChains_AndBeginsItsOwn()
    {
        await WriteAsync();
        var kept = await AuditVerification.HeadsAsync(Test.Where, Test.Clock, default);
        var (backup, restored) = (Test.Folder.File("backup.db"), Test.Folder.File("restored.db"));
        await StoreBackup.WriteAsync(Test.Where, backup, Test.MasterKeys, Test.Clock, default);
        (await StoreRestore.RunAsync(backup, restored, Test.MasterKeys, acceptDamage: false, allowAsynchronous: true, Test.Clock)).Findings.ShouldBeEmpty();
        await using (var store = await Store.OpenAsync(restored, Test.MasterKeys, Test.Clock))
        {
            await store.Audit.AppendAsync(Test.Audit("after"), default);
        }

        var report = await AuditVerification.RunAsync(restored, Test.MasterKeys, kept, Test.Clock, default);

        report.Faults.ShouldBeEmpty();
        report.Heads.Count.ShouldBe(2);
        report.Heads.ShouldContain(kept[0]);
    }

    private async Task<IReadOnlyList<RecordedAuditEntry>> WriteAsync()
    {
        for (var i = 0; i < Rows; i++)
        {
            Test.Clock.Advance(TimeSpan.FromSeconds(1));
            await Test.Store.Audit.AppendAsync(Test.Audit($"row {i}", "refused") with { Account = "app", Detail = "why" }, default);
        }

        return [.. (await Test.Store.Audit.ListAsync(Test.ProjectId, Rows, default)).Reverse()];
    }

    private Task<AuditReport> VerifyAsync(params IReadOnlyList<KeptHead> kept) => AuditVerification.RunAsync(Test.Where, Test.MasterKeys, kept, Test.Clock, default);

    private async Task<(long Number, byte[] Hash, byte[] Seal)> ReadHeadAsync() => (await Test.Store.Database.ReadAsync(
        session => session.QueryAsync("SELECT number, hash, seal FROM audit_chains", row => (row.GetInt64(0), (byte[])row[1], (byte[])row[2])), default)).Single();

    /// <summary>A row that is no chain's, unless other columns say so.</summary>
    private Task ForgeAsync(params (string Name, string Value)[] other) => Test.ExecuteAsync(
        $"""
        INSERT INTO audit ({string.Concat(other.Select(column => $"{column.Name}, "))}time, project_id, principal_id, principal_name, source, request_id, action, outcome)
        VALUES ({string.Concat(other.Select(column => $"{column.Value}, "))}$time, $id, $id, 'x', 'x', 'x', 'forged', 'done')
        """,
        ("$time", Test.Clock.Now), ("$id", Test.ProjectId));

    /// <summary>As who owns the database does.</summary>
    private async Task AlterAsync(params string[] statements)
    {
        string[] open = Test.Kind == StoreKind.Sqlite
            ? ["DROP TRIGGER IF EXISTS audit_is_not_changed", "DROP TRIGGER IF EXISTS audit_is_not_deleted"]
            : ["ALTER TABLE audit DISABLE TRIGGER ALL"];
        foreach (var statement in open.Concat(statements))
        {
            await Test.ExecuteAsync(statement);
        }
    }

    private Task SwapAsync(string column, RecordedAuditEntry first, RecordedAuditEntry second)
    {
        var (a, b) = column == "sequence" ? (first.Sequence, second.Sequence) : (first.Link!.Number, second.Link!.Number);
        return AlterAsync(
            $"UPDATE audit SET {column} = 1000 WHERE {column} = {a}",
            $"UPDATE audit SET {column} = {a} WHERE {column} = {b}",
            $"UPDATE audit SET {column} = {b} WHERE {column} = 1000");
    }

    private Task RefuseInsertsAsync() => Test.ExecuteAsync(Test.Kind == StoreKind.Sqlite
        ? "CREATE TRIGGER audit_is_full BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'no room'); END"
        : "ALTER TABLE audit ADD CONSTRAINT audit_is_full CHECK (action <> 'account.reset')");
}

public sealed class SqliteAuditChainTests() : AuditChainTests(StoreKind.Sqlite);
