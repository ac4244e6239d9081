using Keyturn.Access;
using Keyturn.Instances;
using Keyturn.Passwords;
using Keyturn.Resets;

namespace Keyturn.Storage.Tests.Stores;

public abstract class InstanceStoreTests(StoreKind kind) : StoreContract(kind)
{
    private IInstanceStore Instances => Test.Store.Instances;

    [Fact]
    public async Task Find_InstanceWithEverything_ComesBackTheSame()
    {
        var stored = Full();
        (await AddAsync(stored)).ShouldBe(RegistrationResult.Stored);

        var found = (await Instances.FindAsync(Test.ProjectId, stored.Id, default)).ShouldNotBeNull();

        found.Nodes.ShouldBe(stored.Nodes);
        found.Tags.ShouldBe(stored.Tags);
        found.Attributes.ShouldBe(stored.Attributes);
        (found with { Nodes = stored.Nodes, Tags = stored.Tags, Attributes = stored.Attributes }).ShouldBe(stored);
    }

    [Fact]
    public async Task SetJoining_NodesJoined_IsReadBackAndNoLongerListed()
    {
        var added = Test.Instance with { Nodes = [.. Test.Instance.Nodes, new Node("added", 1)], Joining = ["added:1"], Revision = 2 };
        await Instances.ReplaceAsync(added, Test.Audit("instance.change"), default);
        (await Instances.ListJoiningAsync(default)).ShouldHaveSingleItem().Joining.ShouldBe(["added:1"]);

        (await Instances.SetJoiningAsync(added, [], Test.Audit("instance.join"), default)).ShouldBeTrue();

        (await Instances.ListJoiningAsync(default)).ShouldBeEmpty();
        var found = (await Instances.FindAnyAsync(Test.Instance.Id, default))!;
        (found.Joining.Count, found.Revision, found.Nodes.Count).ShouldBe((0, 2, 2));
        (await Test.Store.Audit.ListAsync(Test.ProjectId, 1, default))[0].Entry.Action.ShouldBe("instance.join");
    }

    [Fact]
    public async Task SetJoining_RegistrationWasChangedSince_WritesNothing()
    {
        var added = Test.Instance with { Nodes = [.. Test.Instance.Nodes, new Node("added", 1)], Joining = ["added:1"], Revision = 2 };
        await Instances.ReplaceAsync(added, Test.Audit("instance.change"), default);
        await Instances.ReplaceAsync(added with { Joining = ["added:1", "later:1"], Revision = 3 }, Test.Audit("instance.change"), default);

        (await Instances.SetJoiningAsync(added, [], Test.Audit("instance.join"), default)).ShouldBeFalse();

        (await Instances.ListJoiningAsync(default)).ShouldHaveSingleItem().Joining.ShouldBe(["added:1", "later:1"]);
    }

    [Fact]
    public async Task SetJoining_AnotherNodeBeganToJoinMeanwhile_WritesNothing()
    {
        var added = Test.Instance with { Nodes = [.. Test.Instance.Nodes, new Node("added", 1)], Joining = ["added:1"], Revision = 2 };
        await Instances.ReplaceAsync(added, Test.Audit("instance.change"), default);
        (await Instances.SetJoiningAsync(added, ["added:1", "replaced:1"], Test.Audit("instance.rejoin"), default)).ShouldBeTrue();

        (await Instances.SetJoiningAsync(added, [], Test.Audit("instance.join"), default)).ShouldBeFalse();

        (await Instances.ListJoiningAsync(default)).ShouldHaveSingleItem().Joining.ShouldBe(["added:1", "replaced:1"]);
    }

    [Fact]
    public async Task Find_OtherProject_IsNull()
    {
        (await Instances.FindAsync(Guid.NewGuid(), Test.Instance.Id, default)).ShouldBeNull();
        (await Instances.FindByNameAsync(Guid.NewGuid(), Test.Instance.Name, default)).ShouldBeNull();
        (await Instances.ListAsync(Guid.NewGuid(), default)).ShouldBeEmpty();
        (await Instances.FindAnyAsync(Test.Instance.Id, default)).ShouldNotBeNull();
    }

    [Fact]
    public async Task Add_Instance_StoresAdminAndItsSecretAndAudit()
    {
        (await Instances.ListAccountsAsync(Test.Instance.Id, default)).ShouldBe([Test.Admin]);
        (await Test.VersionsAsync(Test.Admin.Id)).ShouldBe([(1, SecretState.Current, "admin-password")]);
        (await Test.Store.Audit.ListAsync(Test.ProjectId, 10, default)).Single().Entry.Action.ShouldBe("instance.register");
    }

    [Fact]
    public async Task ListAccounts_OfOneUser_HasItsRowsAndNoOther()
    {
        var one = await Test.AdoptedAccountAsync("app", "old", host: "10.0.0.1");
        var two = await Test.AdoptedAccountAsync("app", "old", host: "10.0.0.2");
        await Test.AdoptedAccountAsync("apple", "old");

        (await Instances.ListAccountsAsync(Test.Instance.Id, "app", default)).ShouldBe([one, two]);
        (await Instances.ListAccountsAsync(Guid.NewGuid(), "app", default)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Add_NameTaken_IsRefused() =>
        (await AddAsync(Test.NewInstance("second") with { Name = "first" })).ShouldBe(new RegistrationResult(RegistrationConflict.NameTaken, "first"));

    [Fact]
    public async Task Add_ServerTaken_IsRefusedWithTheFirstOnesName() =>
        (await AddAsync(Test.NewInstance("second") with { ServerIdentity = Test.Instance.ServerIdentity }))
            .ShouldBe(new RegistrationResult(RegistrationConflict.ServerTaken, "first"));

    [Fact]
    public async Task Add_ServerTakenInAnotherProject_IsRefusedWithoutItsName()
    {
        var other = new Project(Guid.NewGuid(), "other", "default", Test.Clock.GetUtcNow());
        await Test.Store.Principals.AddProjectAsync(other, default);

        (await AddAsync(Test.NewInstance("second") with { ProjectId = other.Id, ServerIdentity = Test.Instance.ServerIdentity }))
            .ShouldBe(new RegistrationResult(RegistrationConflict.ServerTaken, Other: null));
    }

    [Fact]
    public async Task Add_CloneOfATakenServer_IsStored() =>
        (await AddAsync(Test.NewInstance("second") with { ServerIdentity = Test.Instance.ServerIdentity, IsClone = true })).ShouldBe(RegistrationResult.Stored);

    [Fact]
    public async Task Add_OneOfItsPeersTaken_IsRefusedWithTheOthersName()
    {
        await AddAsync(Test.NewInstance("heads") with { ServerIdentity = "head-1 head-2" });

        (await AddAsync(Test.NewInstance("alone") with { ServerIdentity = "head-2" })).ShouldBe(new RegistrationResult(RegistrationConflict.ServerTaken, "heads"));
        (await AddAsync(Test.NewInstance("others") with { ServerIdentity = "head-0 head-2 head-3" })).ShouldBe(new RegistrationResult(RegistrationConflict.ServerTaken, "heads"));
        (await AddAsync(Test.NewInstance("fresh") with { ServerIdentity = "head HEAD-1 ead-2" })).ShouldBe(RegistrationResult.Stored);
    }

    [Fact]
    public async Task Replace_NextRevision_IsStored()
    {
        var stored = Full();
        await AddAsync(stored);
        var changed = stored with { Name = "renamed", Status = InstanceStatus.Frozen, Revision = 2 };

        (await ReplaceAsync(changed)).ShouldBe(RegistrationResult.Stored);

        var found = (await Instances.FindByNameAsync(Test.ProjectId, "renamed", default))!;
        (found.Revision, found.Status).ShouldBe((2, InstanceStatus.Frozen));
        found.Tls.ClientKeyPem.ShouldBe(stored.Tls.ClientKeyPem);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task Replace_OtherRevision_IsChanged(int revision) =>
        (await ReplaceAsync(Test.Instance with { Revision = revision })).Conflict.ShouldBe(RegistrationConflict.Changed);

    [Fact]
    public async Task Replace_NameOfAnother_IsRefused()
    {
        await AddAsync(Test.NewInstance("second"));

        (await ReplaceAsync(Test.Instance with { Name = "second", Revision = 2 })).Conflict.ShouldBe(RegistrationConflict.NameTaken);
    }

    [Fact]
    public async Task Remove_Instance_TakesAccountsSecretsAndResetsWithIt()
    {
        var account = await Test.AdoptedAccountAsync("app", "password");
        var intent = await Test.PrepareAsync(account);
        await Test.FinishAsync(intent, ResetState.Done);

        (await Instances.RemoveAsync(Test.Instance.Id, Test.Audit("instance.remove"), default)).ShouldBe(RegistrationResult.Stored);

        (await Instances.FindAnyAsync(Test.Instance.Id, default)).ShouldBeNull();
        (await Instances.FindAccountAsync(account.Id, default)).ShouldBeNull();
        (await Test.VersionsAsync(account.Id)).ShouldBeEmpty();
        (await Test.Store.Resets.FindAsync(intent.ResetId, default)).ShouldBeNull();
        (await Test.Store.Audit.ListAsync(Test.ProjectId, 100, default)).ShouldContain(entry => entry.Entry.Action == "account.adopt");
    }

    [Fact]
    public async Task Remove_OpenReset_IsRefused()
    {
        await Test.PrepareAsync(Test.NewAccount("app"));

        (await Instances.RemoveAsync(Test.Instance.Id, Test.Audit("instance.remove"), default)).Conflict.ShouldBe(RegistrationConflict.ResetOpen);
    }

    [Fact]
    public async Task Remove_Absent_IsChanged() =>
        (await Instances.RemoveAsync(Guid.NewGuid(), Test.Audit("instance.remove"), default)).Conflict.ShouldBe(RegistrationConflict.Changed);

    [Fact]
    public async Task FindAccount_ByName_ComparesExactly()
    {
        var all = await Test.AdoptedAccountAsync("app", "p");

        (await Instances.FindAccountAsync(Test.Instance.Id, new AccountName("app"), default)).ShouldBe(all);
        (await Instances.FindAccountAsync(Test.Instance.Id, new AccountName("APP"), default)).ShouldBeNull();
        (await Instances.FindAccountAsync(Test.Instance.Id, new AccountName("app", ""), default)).ShouldBeNull();
        (await Instances.FindAccountAsync(Test.Instance.Id, new AccountName("app", "%"), default)).ShouldBeNull();
        (await Instances.FindAccountAsync(Test.Instance.Id, new AccountName("app", AuthDatabase: "reports"), default)).ShouldBeNull();
    }

    [Fact]
    public async Task FindOverlap_AllRowsHeld_IsFoundForASingleRowOnly()
    {
        var all = await Test.AdoptedAccountAsync("app", "p");

        (await Instances.FindOverlapAsync(Test.Instance.Id, new AccountName("app", "%"), default)).ShouldBe(all);
        (await Instances.FindOverlapAsync(Test.Instance.Id, new AccountName("app"), default)).ShouldBeNull();
        (await Instances.FindOverlapAsync(Test.Instance.Id, new AccountName("other", "%"), default)).ShouldBeNull();
    }

    [Fact]
    public async Task SetProof_Account_ChangesIt()
    {
        await Instances.SetProofAsync(Test.Admin.Id, ProofMode.None, Test.Audit("account.proof"), default);

        (await Instances.FindAccountAsync(Test.Admin.Id, default))!.Proof.ShouldBe(ProofMode.None);
        (await Test.Store.Audit.ListAsync(Test.ProjectId, 1, default))[0].Entry.Action.ShouldBe("account.proof");
    }

    [Fact]
    public async Task SetProof_RowCannotBeWritten_ChangesNothing()
    {
        await Should.ThrowAsync<StoreException>(async () => await Instances.SetProofAsync(Test.Admin.Id, ProofMode.None, Test.Audit("account.proof", outcome: null!), default));

        (await Instances.FindAccountAsync(Test.Admin.Id, default))!.Proof.ShouldBe(ProofMode.Login);
    }

    [Fact]
    public async Task SetDrift_FoundAndGone_IsStored()
    {
        await Instances.SetDriftAsync(Test.Admin.Id, Test.Clock.Now, await Test.SeenAsync(Test.Admin.Id), Test.Audit("account.verify", "drifted"), default);
        (await Instances.FindAccountAsync(Test.Admin.Id, default))!.DriftedAt.ShouldBe(Test.Clock.Now);

        await Instances.SetDriftAsync(Test.Admin.Id, null, await Test.SeenAsync(Test.Admin.Id), Test.Audit("account.verify", "accepted"), default);
        (await Instances.FindAccountAsync(Test.Admin.Id, default))!.DriftedAt.ShouldBeNull();
    }

    [Fact]
    public async Task RemoveAccount_OpenReset_IsRefused()
    {
        var intent = await Test.PrepareAsync(Test.NewAccount("app"));

        (await Instances.RemoveAccountAsync(intent.Account.Id, Test.Audit("account.drop"), default)).ShouldBeFalse();
        await Test.FinishAsync(intent, ResetState.Done);
        (await Instances.RemoveAccountAsync(intent.Account.Id, Test.Audit("account.drop"), default)).ShouldBeTrue();
        (await Instances.FindAccountAsync(intent.Account.Id, default)).ShouldBeNull();
        (await Test.VersionsAsync(intent.Account.Id)).ShouldBeEmpty();
    }

    private Instance Full() => Test.NewInstance("full") with
    {
        Nodes = [new Node("db1.example.org", 6379, NodeRole.Peer), new Node("2001:db8::2", 6380, NodeRole.Replica)],
        Tls = new TlsSettings
        {
            Mode = TlsMode.VerifyCa,
            CaPem = "ca",
            ServerName = "db",
            ClientCertificatePem = "certificate",
            ClientKeyPem = new Secret("client key"),
        },
        Admin = new AccountName("root", "%"),
        MainAccount = new AccountName("rwuser", AuthDatabase: "admin"),
        Send = SendMode.Clear,
        Status = InstanceStatus.Frozen,
        PasswordPolicy = new PasswordPolicy { MinLength = 8, MaxLength = 32, Specials = "~!@", OnlyAllowedSpecials = true },
        StatementLimit = TimeSpan.FromMilliseconds(1500),
        Tags = new Dictionary<string, string> { ["team"] = "größer 🗝" },
    };

    private ValueTask<RegistrationResult> AddAsync(Instance instance) => Instances.AddAsync(
        instance, Test.NewAccount("root", "%") with { InstanceId = instance.Id }, new Secret("p"), Test.Audit("instance.register"), default);

    private ValueTask<RegistrationResult> ReplaceAsync(Instance instance) => Instances.ReplaceAsync(instance, Test.Audit("instance.change"), default);

    [Fact]
    public async Task ReplaceWithAdmin_NewAdminLogin_StoresRegistrationAndPasswordTogether()
    {
        var admin = Test.NewAccount("keyturn");
        var changed = Test.Instance with { Admin = admin.Name, Revision = 2 };

        (await ReplaceAsync(changed, admin)).ShouldBe(RegistrationResult.Stored);

        (await Instances.FindAsync(Test.ProjectId, changed.Id, default))!.Admin.ShouldBe(admin.Name);
        (await Test.VersionsAsync(admin.Id)).ShouldBe([(1, SecretState.Current, "proved")]);
        (await Test.Store.Audit.ListAsync(Test.ProjectId, 10, default)).Select(entry => entry.Entry.Action).ShouldBe(["account.adopt", "instance.change", "instance.register"]);
    }

    [Fact]
    public async Task ReplaceWithAdmin_SameAdminLogin_ItsPasswordIsTheNextVersion()
    {
        (await ReplaceAsync(Test.Instance with { Revision = 2 }, Test.Admin)).ShouldBe(RegistrationResult.Stored);

        (await Test.VersionsAsync(Test.Admin.Id)).ShouldBe([(2, SecretState.Current, "proved"), (1, SecretState.Previous, "admin-password")]);
    }

    [Fact]
    public async Task ReplaceWithAdmin_RegistrationIsRefused_PasswordIsNotStored()
    {
        (await AddAsync(Test.NewInstance("second"))).ShouldBe(RegistrationResult.Stored);

        (await ReplaceAsync(Test.Instance with { Name = "second", Revision = 2 }, Test.Admin)).Conflict.ShouldBe(RegistrationConflict.NameTaken);
        (await ReplaceAsync(Test.Instance with { Revision = 7 }, Test.Admin)).Conflict.ShouldBe(RegistrationConflict.Changed);

        (await Test.VersionsAsync(Test.Admin.Id)).ShouldBe([(1, SecretState.Current, "admin-password")]);
    }

    [Fact]
    public async Task ReplaceWithAdmin_PasswordIsRefused_RegistrationStaysAsItWas()
    {
        var changed = Test.Instance with { Name = "renamed", Revision = 2 };
        (await ReplaceAsync(changed, Test.Admin, new VersionsSeen(0, null))).Conflict.ShouldBe(RegistrationConflict.AdminChanged);
        var seen = await Test.SeenAsync(Test.Admin.Id);
        var intent = await Test.PrepareAsync(Test.Admin);
        (await ReplaceAsync(changed, Test.Admin, seen)).Conflict.ShouldBe(RegistrationConflict.ResetOpen);
        await Test.FinishAsync(intent, ResetState.Done);
        (await ReplaceAsync(changed, Test.Admin, seen)).Conflict.ShouldBe(RegistrationConflict.AdminChanged, "a reset came and went");
        (await ReplaceAsync(changed with { Admin = new AccountName("admin", "%") }, Test.NewAccount("admin", "%"))).Conflict.ShouldBe(RegistrationConflict.AdminChanged, "held as all rows");

        (await Instances.FindAsync(Test.ProjectId, changed.Id, default))!.Name.ShouldBe("first");
        (await Test.VersionsAsync(Test.Admin.Id))[0].ShouldBe((2, SecretState.Current, "new-password"));
    }

    [Fact]
    public async Task ListHeld_Pages_HaveEachAccountOfTheProjectOnce()
    {
        var app = await Test.AdoptedAccountAsync("app", "old");
        var schedule = await Test.Store.Schedules.SetAsync(app.Id, 30, Test.Audit("account.schedule"), default);
        await Instances.AddAccountsAsync(Test.Instance.Id, [Test.NewAccount("imported")], Test.Audit("account.import"), default);
        var other = Test.NewInstance("second");
        await Instances.AddAsync(other, Test.NewAccount("admin") with { InstanceId = other.Id }, new Secret("x"), Test.Audit("instance.register"), default);

        var all = new List<HeldAccount>();
        for (var page = await Instances.ListHeldAsync(Test.ProjectId, null, Guid.Empty, 1, default); page.Count > 0; page = await Instances.ListHeldAsync(Test.ProjectId, null, page[^1].Account.Id, 1, default))
        {
            all.Add(page.ShouldHaveSingleItem());
        }

        all.Select(held => (held.Account.Name.User, held.HasPassword, held.Schedule)).OrderBy(held => held.User, StringComparer.Ordinal)
            .ShouldBe([("admin", true, null), ("admin", true, null), ("app", true, schedule), ("imported", false, null)]);
        (await Instances.ListHeldAsync(Test.ProjectId, Test.Instance.Id, Guid.Empty, 10, default)).Count.ShouldBe(3);
        (await Instances.ListHeldAsync(Guid.NewGuid(), null, Guid.Empty, 10, default)).ShouldBeEmpty();
        (await Instances.ListHeldAsync(Guid.NewGuid(), Test.Instance.Id, Guid.Empty, 10, default)).ShouldBeEmpty();
    }

    [Fact]
    public async Task AddAccounts_HeldOrOverlapping_StayAsTheyAre()
    {
        var held = await Test.AdoptedAccountAsync("app", "old");
        var row = Test.NewAccount("rows", "10.%");

        var added = await Instances.AddAccountsAsync(
            Test.Instance.Id, [Test.NewAccount("app"), Test.NewAccount("app", "%"), row, Test.NewAccount("rows", "10.%"), Test.NewAccount("rows"), Test.NewAccount("new")], Test.Audit("account.import"), default);

        added.ShouldBe([new AccountName("rows", "10.%"), new AccountName("new")]);
        (await Instances.FindAccountAsync(Test.Instance.Id, held.Name, default))!.Id.ShouldBe(held.Id);
        (await Test.VersionsAsync(row.Id)).ShouldBeEmpty();
        (await Test.Store.Audit.ListAsync(Test.ProjectId, 2, default)).Select(entry => (entry.Entry.Action, entry.Entry.Account)).ShouldBe([("account.import", "new"), ("account.import", "rows@10.%")]);
        (await Instances.AddAccountsAsync(Guid.NewGuid(), [Test.NewAccount("x")], Test.Audit("account.import"), default)).ShouldBeEmpty();
    }

    [Fact]
    public async Task AddAccounts_AtOnceWithOthers_EachIsThereOnce()
    {
        var tries = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ =>
            Instances.AddAccountsAsync(Test.Instance.Id, [Test.NewAccount("app"), Test.NewAccount("other")], Test.Audit("account.import"), default).AsTask()));

        tries.Sum(added => added.Count).ShouldBe(2);
        (await Instances.ListAccountsAsync(Test.Instance.Id, default)).Count.ShouldBe(3);
    }

    private async Task<RegistrationResult> ReplaceAsync(Instance instance, Account admin, VersionsSeen? seen = null)
    {
        var proved = new ProvedAdmin(admin, new Secret("proved"), seen ?? await Test.SeenAsync(admin.Id), Test.Audit("account.adopt"));
        return await Instances.ReplaceAsync(instance, proved, Test.Audit("instance.change"), default);
    }

    [Fact]
    public async Task FindAccount_HostInOtherCase_IsTheSame()
    {
        var account = Test.NewAccount("app", "db.Example.org");
        await Test.Store.Secrets.AdoptAsync(account, new Secret("present"), await Test.SeenAsync(account.Id), Test.Audit("account.adopt"), default);

        var found = await Test.Store.Instances.FindAccountAsync(account.InstanceId, new AccountName("app", "DB.example.ORG"), default);

        found!.Id.ShouldBe(account.Id);
    }
}

public sealed class SqliteInstanceStoreTests() : InstanceStoreTests(StoreKind.Sqlite);

public sealed class PostgreSqlInstanceStoreTests() : InstanceStoreTests(StoreKind.PostgreSql);
