using Keyturn.Resets;
using Keyturn.Storage.Care;
using Keyturn.Storage.Sealing;

namespace Keyturn.Storage.Tests.Care;

/// <summary>What is damaged is found and named: in the file, by row, and by a server that reads it.</summary>
public sealed class StoreCheckTests : IAsyncLifetime
{
    private TestStore _test = null!;

    public async ValueTask InitializeAsync() => _test = await TestStore.CreateAsync(StoreKind.Sqlite);

    public ValueTask DisposeAsync() => _test.DisposeAsync();

    [Fact]
    public async Task Check_StoreInUse_FindsNothing()
    {
        var account = await _test.AdoptedAccountAsync("app", "old");
        await _test.PrepareAsync(account, "new");

        var report = await CheckAsync();

        report.Findings.ShouldBeEmpty();
        report.Content!.Accounts.ShouldBe(2);
        report.Content.Secrets.ShouldBe(3);
        report.Content.OpenResets.ShouldBe(1);
    }

    [Fact]
    public async Task Check_OldPasswordIsBeingDiscarded_FindsNothing()
    {
        var account = await _test.AdoptedAccountAsync("app", "old");
        var intent = await _test.PrepareAsync(_test.Intent(account, "new") with { KeepOldFor = TimeSpan.FromHours(1) });
        await _test.Store.Resets.FinishAsync(_test.End(intent, ResetState.Done) with { OldIsKept = true });
        await _test.PrepareAsync(_test.Intent(account, "new") with { Kind = ResetKind.DiscardOld, Seen = await _test.SeenAsync(account.Id) });

        (await CheckAsync()).Findings.ShouldBeEmpty();
    }

    [Fact]
    public async Task Check_BoxWasAltered_NamesAccountAndVersion_AndSoDoesARead()
    {
        var account = await _test.AdoptedAccountAsync("app", "old");
        await _test.AdoptedAccountAsync("other", "present");
        await _test.ExecuteAsync("UPDATE secrets SET box = $box WHERE account_id = $account", ("$box", new byte[40]), ("$account", account.Id));

        var finding = (await CheckAsync()).Findings.ShouldHaveSingleItem();

        finding.Where.ShouldBe($"account app of instance first ({account.Id}), version 1 (current)");
        finding.What.ShouldContain("does not open");
        (await FaultOf(_test.Store.Secrets.ReadAsync(account.Id, 1, default).AsTask())).ShouldBe(StoreFault.Seal);
    }

    [Fact]
    public async Task Check_PasswordOfAnotherAccount_NamesTheOneThatHasIt()
    {
        var (first, second) = (await _test.AdoptedAccountAsync("first", "one"), await _test.AdoptedAccountAsync("second", "two"));
        await _test.ExecuteAsync("UPDATE secrets SET box = (SELECT box FROM secrets WHERE account_id = $first) WHERE account_id = $second", ("$first", first.Id), ("$second", second.Id));

        (await CheckAsync()).Findings.ShouldHaveSingleItem().Where.ShouldBe($"account second of instance first ({second.Id}), version 1 (current)");
    }

    [Fact]
    public async Task Check_OpenResetLostItsSecret_NamesIt()
    {
        var account = await _test.AdoptedAccountAsync("app", "old");
        var intent = await _test.PrepareAsync(account, "new");
        await _test.ExecuteAsync("DELETE FROM secrets WHERE reset_id = $reset", ("$reset", intent.ResetId));

        var finding = (await CheckAsync()).Findings.ShouldHaveSingleItem();

        finding.Where.ShouldContain("account app");
        finding.What.ShouldContain(intent.ResetId.ToString());
    }

    [Fact]
    public async Task Check_PendingWithoutReset_NamesIt()
    {
        var account = await _test.AdoptedAccountAsync("app", "old");
        var intent = await _test.PrepareAsync(account, "new");
        await _test.ExecuteAsync("DELETE FROM resets WHERE id = $reset", ("$reset", intent.ResetId));

        (await CheckAsync()).Findings.ShouldHaveSingleItem().What.ShouldContain("Version 2 is pending");
    }

    [Fact]
    public async Task Check_OpenResetWithoutNodes_NamesIt()
    {
        var intent = await _test.PrepareAsync(await _test.AdoptedAccountAsync("app", "old"));
        await _test.ExecuteAsync("DELETE FROM reset_nodes");

        (await CheckAsync()).Findings.ShouldHaveSingleItem().Where.ShouldBe($"reset {intent.ResetId}");
    }

    [Theory]
    [InlineData("UPDATE instances SET settings = '{\"nodes\":'", "instance first")]
    [InlineData("UPDATE instances SET settings = 'null'", "instance first")]
    [InlineData("UPDATE resets SET cause_error = 'Nonsense'", "table resets")]
    [InlineData("UPDATE reset_nodes SET step = 'Nonsense'", "table reset_nodes")]
    [InlineData("DELETE FROM secrets WHERE account_id IN (SELECT id FROM accounts WHERE user = 'admin')", "instance first")]
    [InlineData("DROP TRIGGER audit_is_not_deleted", "trigger audit_is_not_deleted")]
    [InlineData("DROP INDEX resets_open", "index resets_open")]
    [InlineData("CREATE TABLE strange (a)", "table strange")]
    public async Task Check_Damaged_NamesWhat(string damage, string where)
    {
        await _test.FinishAsync(await _test.PrepareAsync(await _test.AdoptedAccountAsync("app", "old")), ResetState.Done);
        await _test.ExecuteAsync(damage);

        (await CheckAsync()).Findings.ShouldContain(finding => finding.Where.StartsWith(where, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Check_DataKeyIsGone_NamesTheRowsThatNeedIt()
    {
        await _test.DeleteDataKeysAsync();

        var findings = (await CheckAsync()).Findings;

        findings.ShouldContain(finding => finding.Where == "data key 1");
        findings.ShouldContain(finding => finding.Where == "table secrets" && finding.What.Contains("data_keys"));
    }

    [Fact]
    public async Task Check_OtherMasterKey_SaysWhichIsNeededOnce()
    {
        var report = await StoreCheck.RunAsync(_test.Path, new MasterKeys(MasterKey.Generate()), _test.Clock, default);

        var finding = report.Findings.ShouldHaveSingleItem();
        (finding.Where, finding.What).ShouldBe(("data key 1", $"It is wrapped by master key {_test.MasterKeys.Current.Id}, which was not given."));
    }

    [Fact]
    public async Task Check_NoMasterKey_LeavesTheSealsAloneAndSaysSo()
    {
        var account = await _test.AdoptedAccountAsync("app", "old");
        await _test.ExecuteAsync("UPDATE secrets SET box = $box WHERE account_id = $account", ("$box", new byte[40]), ("$account", account.Id));

        var report = await StoreCheck.RunAsync(_test.Path, masterKeys: null, _test.Clock, default);

        (report.SealsWereTried, report.Findings.Count).ShouldBe((false, 0));
    }

    /// <summary>Single bytes anywhere in a real file: wherever it matters, it is found, and nothing but a finding or a refusal comes of it.</summary>
    [Fact]
    public async Task Check_ByteFlippedAnywhere_IsFoundOrDoesNotMatter()
    {
        for (var i = 0; i < 200; i++)
        {
            await _test.AdoptedAccountAsync($"user-{i}", $"password-{i}");
        }

        await _test.CloseAsync();
        var file = await File.ReadAllBytesAsync(_test.Path);
        var copy = _test.Folder.File("flipped.db");
        var (found, passed) = (0, new List<int>());
        for (var at = 100; at < file.Length; at += Math.Max(1, file.Length / 70))
        {
            var flipped = file.ToArray();
            flipped[at] ^= 0x55;
            await File.WriteAllBytesAsync(copy, flipped);
            (found, var hit) = await IsFoundAsync(copy) ? (found + 1, true) : (found, false);
            if (!hit)
            {
                passed.Add(at);
            }
        }

        found.ShouldBeGreaterThan(5);

        // What was not found is free space, or text that may be anything (names, times): every password still opens.
        foreach (var at in passed)
        {
            var flipped = file.ToArray();
            flipped[at] ^= 0x55;
            await File.WriteAllBytesAsync(copy, flipped);
            await using var store = await Store.OpenAsync(copy, _test.MasterKeys, _test.Clock);
            var accounts = await store.Instances.ListAccountsAsync(_test.Instance.Id, default);
            foreach (var account in accounts)
            {
                (await store.Secrets.ReadAsync(account.Id, 1, default)).Current.ShouldNotBeNull($"byte {at}");
            }
        }
    }

    [Fact]
    public async Task Read_PageOfTheFileIsDamaged_SaysThatTheFileIs()
    {
        for (var i = 0; i < 300; i++)
        {
            await _test.AdoptedAccountAsync($"user-{i}", $"password-{i}");
        }

        await _test.CloseAsync();
        await OverwriteAsync("secrets");

        await Should.ThrowAsync<StoreException>(async () =>
        {
            await using var store = await Store.OpenAsync(_test.Path, _test.MasterKeys, _test.Clock);
            foreach (var account in await store.Instances.ListAccountsAsync(_test.Instance.Id, default))
            {
                await store.Secrets.ReadAsync(account.Id, 1, default);
            }
        }).ContinueWith(thrown => thrown.Result.Fault.ShouldBe(StoreFault.Corrupt), TaskScheduler.Default);
        var findings = (await CheckAsync()).Findings;
        findings.ShouldContain(finding => finding.Where == "file");
        findings.ShouldContain(finding => finding.Where.StartsWith("account user-", StringComparison.Ordinal), "the accounts on the page are named");
        findings.Count(finding => finding.Where.StartsWith("account user-", StringComparison.Ordinal)).ShouldBeLessThan(300);
    }

    private static async Task<StoreFault> FaultOf(Task task) => (await Should.ThrowAsync<StoreException>(task)).Fault;

    private async Task<bool> IsFoundAsync(string path)
    {
        try
        {
            return (await StoreCheck.RunAsync(path, _test.MasterKeys, _test.Clock, default)).Findings.Count > 0;
        }
        catch (StoreException e)
        {
            e.Fault.ShouldBeOneOf(StoreFault.Corrupt, StoreFault.SchemaNewer, StoreFault.Other, StoreFault.ReadOnly);
            return true;
        }
    }

    /// <summary>Zeroes in the middle of a leaf page that holds rows of the table.</summary>
    private async Task OverwriteAsync(string table)
    {
        var page = await Task.Run(() =>
        {
            using var session = Storage.Sqlite.SqliteSession.OpenReader(_test.Path, _test.Clock);
            return session.FirstNumber("SELECT max(pageno) FROM dbstat WHERE name = $table AND pagetype = 'leaf'", ("$table", table))!.Value;
        });
        await using var file = new FileStream(_test.Path, FileMode.Open, FileAccess.Write);
        file.Position = (page - 1) * 4096;
        await file.WriteAsync(new byte[2048]);
    }

    private Task<StoreReport> CheckAsync() => StoreCheck.RunAsync(_test.Path, _test.MasterKeys, _test.Clock, default);
}
