using System.Text;
using Keyturn.Access;
using Keyturn.Instances;
using Keyturn.Passwords;
using Keyturn.Resets;
using Keyturn.Storage.Care;
using Keyturn.Storage.Sealing;
using Keyturn.Storage.Tests.Stores;

namespace Keyturn.Storage.Tests.Care;

/// <summary>A backup of either kind of store makes a store of either kind, which says of itself that it is restored.</summary>
public abstract class BackupTests(StoreKind kind) : StoreContract(kind)
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private string Backup => Test.Folder.File("backup.db");

    private string Target => Test.Folder.File("restored.db");

    [Fact]
    public async Task Backup_StoreInUse_IsWholeAndOneFileOfItsOwner()
    {
        var account = await Test.AdoptedAccountAsync("app", "old");
        await Test.PrepareAsync(account, "new");

        var report = await WriteAsync();

        report.Findings.ShouldBeEmpty();
        (report.Content!.Accounts, report.Content.Secrets, report.Content.OpenResets).ShouldBe((2, 3, 1));
        File.GetUnixFileMode(Backup).ShouldBe(OwnerOnly);
        Directory.GetFiles(Path.GetDirectoryName(Backup)!, "backup.db*").ShouldBe([Backup]);
    }

    [Fact]
    public async Task Backup_FileExists_IsLeft()
    {
        await File.WriteAllTextAsync(Backup, "something");

        (await FaultOf(WriteAsync())).ShouldBe(StoreFault.Exists);

        (await File.ReadAllTextAsync(Backup)).ShouldBe("something");
    }

    [Fact]
    public async Task Backup_OfAStoreThatHoldsItsMasterKey_IsRefusedAndLeavesNothing()
    {
        await Test.Store.Principals.AddAsync(
            new Principal(Guid.NewGuid(), Test.ProjectId, Test.MasterKeys.Current.ToBase64(), Test.Clock.Now), audit: null, default);

        (await FaultOf(WriteAsync())).ShouldBe(StoreFault.MasterKey);

        Directory.GetFiles(Path.GetDirectoryName(Backup)!, "backup.db*").ShouldBeEmpty();
    }

    [Fact]
    public async Task Backup_WithoutAMasterKey_IsWrittenAllTheSame()
    {
        (await StoreBackup.WriteAsync(Test.Where, Backup, masterKeys: null, Test.Clock, default)).SealsWereTried.ShouldBeFalse();

        (await StoreRestore.RunAsync(Backup, Target, Test.MasterKeys, acceptDamage: false, allowAsynchronous: true, Test.Clock)).Findings.ShouldBeEmpty();
    }

    [Fact]
    public async Task Backup_HasNoServerStartedOnIt()
    {
        await WriteAsync();

        var error = await Should.ThrowAsync<StoreException>(Store.OpenAsync(Backup, Test.MasterKeys, Test.Clock));

        (error.Fault, error.Message).ShouldBe((StoreFault.Retired, $"{Backup} is a backup: make a store of it with keyturn store restore."));
    }

    [Theory]
    [InlineData(StoreKind.Sqlite)]
    [InlineData(StoreKind.PostgreSql)]
    public async Task Restore_HasEverythingAndEveryAccountIsUnverified(StoreKind into)
    {
        var account = await Test.AdoptedAccountAsync("app", "first");
        var done = await Test.PrepareAsync(account, "second");
        await Test.FinishAsync(done, ResetState.Done);
        var open = await Test.PrepareAsync(await Test.AdoptedAccountAsync("busy", "old"), "new");
        await Test.Store.Instances.ReplaceAsync(
            Test.Instance with { Revision = 2, Tls = new TlsSettings { ClientCertificatePem = "cert", ClientKeyPem = new Secret("client-key") } }, Test.Audit("instance.change"), default);
        await WriteAsync();
        Test.Clock.Advance(TimeSpan.FromMinutes(5));

        await using var restored = await RestoreAsync(into);

        var store = restored.Store;
        var found = (await store.Instances.FindAccountAsync(account.Id, default))!;
        found.UnverifiedSince.ShouldNotBeNull();
        (found with { UnverifiedSince = null }).ShouldBe(account);
        (await store.Secrets.ReadAsync(account.Id, 10, default)).Versions.Select(version => (version.Version, version.State, version.Password.Reveal(), version.ResetId))
            .ShouldBe([(2, SecretState.Current, "second", done.ResetId), (1, SecretState.Previous, "first", null)]);
        (await store.Resets.FindAsync(done.ResetId, default))!.Events.Count.ShouldBe((await Test.Store.Resets.FindAsync(done.ResetId, default))!.Events.Count);
        (await store.Resets.FindAsync(open.ResetId, default))!.Nodes.ShouldBe((await Test.Store.Resets.FindAsync(open.ResetId, default))!.Nodes);
        (await store.Instances.FindAsync(Test.ProjectId, Test.Instance.Id, default))!.Tls.ClientKeyPem!.Reveal().ShouldBe("client-key");
        (await store.Instances.CountUnverifiedAsync(Test.ProjectId, default)).Values.Sum().ShouldBe(3);
        (await store.Audit.ListAsync(Test.ProjectId, 1, default))[0].Entry.Action.ShouldBe("store.restore");
        (await store.Audit.ListAsync(Test.ProjectId, 1000, default)).Count.ShouldBe((await Test.Store.Audit.ListAsync(Test.ProjectId, 1000, default)).Count + 1);
    }

    [Theory]
    [InlineData(StoreKind.Sqlite)]
    [InlineData(StoreKind.PostgreSql)]
    public async Task Restore_SessionsAndTemporaryPairs_AreLeftOut(StoreKind into)
    {
        await AddAsync(CredentialKind.Session, publicId: null, new CredentialMaterial(new byte[] { 1 }));
        await AddAsync(CredentialKind.AccessKey, "KTST1", new CredentialMaterial(default, new Secret("secret-key")));
        await AddAsync(CredentialKind.AccessKey, "KTAK1", new CredentialMaterial(default, new Secret("secret-key")));
        await WriteAsync();

        await using var restored = await RestoreAsync(into);

        (await restored.Store.Principals.ListCredentialsAsync(Test.PrincipalId, default)).ShouldHaveSingleItem().PublicId.ShouldBe("KTAK1");

        ValueTask AddAsync(CredentialKind kind, string? publicId, CredentialMaterial material) => Test.Store.Principals.AddCredentialAsync(
            new PrincipalCredential(Guid.NewGuid(), Test.PrincipalId, kind, "label", Test.Clock.Now) { PublicId = publicId }, material, audit: null, default);
    }

    [Theory]
    [InlineData(StoreKind.Sqlite)]
    [InlineData(StoreKind.PostgreSql)]
    public async Task Restore_IsWrittenToLikeAnyOther(StoreKind into)
    {
        var account = await Test.AdoptedAccountAsync("app", "first");
        await Test.FinishAsync(await Test.PrepareAsync(account, "second"), ResetState.Done);
        await WriteAsync();

        await using var restored = await RestoreAsync(into);
        var intent = Test.Intent(account, "third");
        (await restored.Store.Resets.PrepareAsync(intent)).Conflict.ShouldBe(PrepareConflict.None);
        (await restored.Store.Resets.FinishAsync(Test.End(intent, ResetState.Done))).ShouldBeTrue();

        (await restored.Store.Instances.FindAccountAsync(account.Id, default))!.UnverifiedSince.ShouldBeNull("a reset proves its password");
        (await restored.Store.Secrets.ReadAsync(account.Id, 1, default)).Current!.Password.Reveal().ShouldBe("third");
    }

    [Fact]
    public async Task Restore_OpenReset_IsDueAtOnceAndNotSentAgain()
    {
        var intent = await Test.PrepareAsync(await Test.AdoptedAccountAsync("app", "old"), "new");
        await WriteAsync();

        await using var restored = await RestoreAsync(StoreKind.Sqlite);

        (await restored.Store.Resets.DueAsync(10, default)).ShouldBe([intent.ResetId]);
        var taken = (await restored.Store.Resets.TakeOverAsync(intent.ResetId, TestStore.Lease, default)).ShouldNotBeNull();
        taken.Reset.SettleBy.ShouldBeLessThanOrEqualTo(Test.Clock.Now);
    }

    [Fact]
    public async Task Restore_OverAStore_IsRefusedAndLeavesIt()
    {
        await WriteAsync();
        await File.WriteAllTextAsync(Target, "something");

        (await FaultOf(RunAsync(Target))).ShouldBe(StoreFault.Exists);

        (await File.ReadAllTextAsync(Target)).ShouldBe("something");
    }

    [Fact]
    public async Task Restore_WithAnotherMasterKey_IsRefusedAndMakesNothing()
    {
        await WriteAsync();

        (await FaultOf(StoreRestore.RunAsync(Backup, Target, new MasterKeys(MasterKey.Generate()), false, false, Test.Clock))).ShouldBe(StoreFault.MasterKey);

        Directory.GetFiles(Path.GetDirectoryName(Target)!, "restored.db*").ShouldBeEmpty();
    }

    [Fact]
    public async Task Restore_OfAStoreFile_IsRefused()
    {
        await using var other = await TestStore.CreateAsync(StoreKind.Sqlite);

        (await FaultOf(StoreRestore.RunAsync(other.Path, Target, other.MasterKeys, false, false, Test.Clock))).ShouldBe(StoreFault.Exists);
    }

    [Fact]
    public async Task Restore_DamagedBackup_IsRefusedUnlessAccepted()
    {
        var account = await Test.AdoptedAccountAsync("app", "old");
        await Test.ExecuteAsync("UPDATE secrets SET box = $box WHERE account_id = $account", ("$box", new byte[40]), ("$account", account.Id));
        (await WriteAsync()).Findings.ShouldHaveSingleItem();

        (await RunAsync(Target)).Findings.ShouldHaveSingleItem();
        File.Exists(Target).ShouldBeFalse();

        await StoreRestore.RunAsync(Backup, Target, Test.MasterKeys, acceptDamage: true, allowAsynchronous: true, Test.Clock);
        File.Exists(Target).ShouldBeTrue();
    }

    [Fact]
    public async Task Restore_TruncatedBackup_IsRefusedAndMakesNothing()
    {
        for (var i = 0; i < 100; i++)
        {
            await Test.AdoptedAccountAsync($"user-{i}", $"password-{i}");
        }

        await WriteAsync();
        await using (var file = new FileStream(Backup, FileMode.Open))
        {
            file.SetLength(file.Length * 2 / 3);
        }

        var error = await Record.ExceptionAsync(() => RunAsync(Target));

        (error as StoreException)?.Fault.ShouldBe(StoreFault.Corrupt);
        File.Exists(Target).ShouldBeFalse();
    }

    [Fact]
    public async Task Backup_WhileResetsGoOn_IsOneMoment()
    {
        var accounts = new List<Account>();
        for (var i = 0; i < 20; i++)
        {
            accounts.Add(await Test.AdoptedAccountAsync($"user-{i}", "0"));
        }

        using var stop = new CancellationTokenSource();
        var writers = accounts.Select(account => Task.Run(async () =>
        {
            for (var i = 1; !stop.IsCancellationRequested; i++)
            {
                await Test.FinishAsync(await Test.PrepareAsync(account, $"{i}"), ResetState.Done);
            }
        })).ToList();
        var files = Enumerable.Range(0, 3).Select(i => Test.Folder.File($"moment-{i}.db")).ToList();
        foreach (var file in files)
        {
            // The check has: every open reset has its pending version, every account at most one current, every text opens.
            (await StoreBackup.WriteAsync(Test.Where, file, Test.MasterKeys, Test.Clock, default)).Findings.ShouldBeEmpty();
        }

        await stop.CancelAsync();
        await Task.WhenAll(writers);
    }

    /// <summary>All kinds of secrets, in every file that a thief could take: store, log, backup.</summary>
    [Fact]
    public async Task StolenFiles_HoldNoSecret()
    {
        var canaries = new[] { "canary-password", "canary-pending", "canary-client-key", "canary-secret-key" };
        var account = await Test.AdoptedAccountAsync("app", canaries[0]);
        await Test.PrepareAsync(account, canaries[1]);
        await Test.Store.Instances.ReplaceAsync(
            Test.Instance with { Revision = 2, Tls = new TlsSettings { ClientCertificatePem = "cert", ClientKeyPem = new Secret(canaries[2]) } }, Test.Audit("instance.change"), default);
        var credential = new PrincipalCredential(Guid.NewGuid(), Test.PrincipalId, CredentialKind.AccessKey, "", Test.Clock.Now) { PublicId = "AK" };
        await Test.Store.Principals.AddCredentialAsync(credential, new CredentialMaterial(default, new Secret(canaries[3])), audit: null, default);
        await WriteAsync();

        string[] forms = [.. canaries.SelectMany(canary => new[] { canary, Convert.ToBase64String(Encoding.UTF8.GetBytes(canary)), Convert.ToHexString(Encoding.UTF8.GetBytes(canary)) }),
            Test.MasterKeys.Current.ToBase64(), Encoding.Latin1.GetString(Test.MasterKeys.Current.Bytes)];
        var stolen = Test.Contents().Append(await File.ReadAllTextAsync(Backup, Encoding.Latin1)).ToList();
        stolen.ShouldContain(text => text.Contains("tester"), "what is searched has the store's texts");
        foreach (var form in forms)
        {
            stolen.ShouldAllBe(text => !text.Contains(form, StringComparison.OrdinalIgnoreCase));
        }
    }

    private static async Task<StoreFault> FaultOf(Task task) => (await Should.ThrowAsync<StoreException>(task)).Fault;

    private Task<StoreReport> WriteAsync() => StoreBackup.WriteAsync(Test.Where, Backup, Test.MasterKeys, Test.Clock, default);

    private Task<StoreReport> RunAsync(string where) => StoreRestore.RunAsync(Backup, where, Test.MasterKeys, acceptDamage: false, allowAsynchronous: true, Test.Clock);

    private async Task<OtherStore> RestoreAsync(StoreKind into)
    {
        var database = into == StoreKind.PostgreSql ? TestDatabase.Find() : null;
        var where = database?.Address ?? Target;
        (await RunAsync(where)).Findings.ShouldBeEmpty();
        return new OtherStore(await Store.OpenAsync(where, Test.MasterKeys, Test.Clock, allowAsynchronous: true), database);
    }
}

/// <summary>A second store of a test.</summary>
internal sealed record OtherStore(Store Store, TestDatabase? Database) : IAsyncDisposable
{
    public async ValueTask DisposeAsync()
    {
        await Store.DisposeAsync();
        Database?.Dispose();
    }
}

public sealed class SqliteBackupTests() : BackupTests(StoreKind.Sqlite);

public sealed class PostgreSqlBackupTests() : BackupTests(StoreKind.PostgreSql);
