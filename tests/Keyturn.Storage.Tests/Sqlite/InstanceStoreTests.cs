using Keyturn.Instances;
using Keyturn.Passwords;
using Keyturn.Resets;

namespace Keyturn.Storage.Tests.Sqlite;

public sealed class InstanceStoreTests : IAsyncLifetime
{
    private TestStore _test = null!;

    private IInstanceStore Instances => _test.Store.Instances;

    public async ValueTask InitializeAsync() => _test = await TestStore.CreateAsync();

    public ValueTask DisposeAsync() => _test.DisposeAsync();

    [Fact]
    public async Task Find_InstanceWithEverything_ComesBackTheSame()
    {
        var stored = Full();
        (await AddAsync(stored)).ShouldBe(RegistrationResult.Stored);

        var found = (await Instances.FindAsync(_test.ProjectId, stored.Id, default)).ShouldNotBeNull();

        found.Nodes.ShouldBe(stored.Nodes);
        found.Tags.ShouldBe(stored.Tags);
        found.Attributes.ShouldBe(stored.Attributes);
        (found with { Nodes = stored.Nodes, Tags = stored.Tags, Attributes = stored.Attributes }).ShouldBe(stored);
    }

    [Fact]
    public async Task Find_OtherProject_IsNull()
    {
        (await Instances.FindAsync(Guid.NewGuid(), _test.Instance.Id, default)).ShouldBeNull();
        (await Instances.FindByNameAsync(Guid.NewGuid(), _test.Instance.Name, default)).ShouldBeNull();
        (await Instances.ListAsync(Guid.NewGuid(), default)).ShouldBeEmpty();
        (await Instances.FindAnyAsync(_test.Instance.Id, default)).ShouldNotBeNull();
    }

    [Fact]
    public async Task Add_Instance_StoresAdminAndItsSecretAndAudit()
    {
        (await Instances.ListAccountsAsync(_test.Instance.Id, default)).ShouldBe([_test.Admin]);
        (await _test.VersionsAsync(_test.Admin.Id)).ShouldBe([(1, SecretState.Current, "admin-password")]);
        (await _test.Store.Audit.ListAsync(_test.ProjectId, 10, default)).Single().Entry.Action.ShouldBe("instance.register");
    }

    [Fact]
    public async Task Add_NameTaken_IsRefused() =>
        (await AddAsync(_test.NewInstance("second") with { Name = "first" })).ShouldBe(new RegistrationResult(RegistrationConflict.NameTaken, "first"));

    [Fact]
    public async Task Add_ServerTaken_IsRefusedWithTheFirstOnesName() =>
        (await AddAsync(_test.NewInstance("second") with { ServerIdentity = _test.Instance.ServerIdentity }))
            .ShouldBe(new RegistrationResult(RegistrationConflict.ServerTaken, "first"));

    [Fact]
    public async Task Add_CloneOfATakenServer_IsStored() =>
        (await AddAsync(_test.NewInstance("second") with { ServerIdentity = _test.Instance.ServerIdentity, IsClone = true })).ShouldBe(RegistrationResult.Stored);

    [Fact]
    public async Task Add_OneOfItsPeersTaken_IsRefusedWithTheOthersName()
    {
        await AddAsync(_test.NewInstance("heads") with { ServerIdentity = "head-1 head-2" });

        (await AddAsync(_test.NewInstance("alone") with { ServerIdentity = "head-2" })).ShouldBe(new RegistrationResult(RegistrationConflict.ServerTaken, "heads"));
        (await AddAsync(_test.NewInstance("others") with { ServerIdentity = "head-0 head-2 head-3" })).ShouldBe(new RegistrationResult(RegistrationConflict.ServerTaken, "heads"));
        (await AddAsync(_test.NewInstance("fresh") with { ServerIdentity = "head HEAD-1 ead-2" })).ShouldBe(RegistrationResult.Stored);
    }

    [Fact]
    public async Task Replace_NextRevision_IsStored()
    {
        var stored = Full();
        await AddAsync(stored);
        var changed = stored with { Name = "renamed", Status = InstanceStatus.Frozen, Revision = 2 };

        (await ReplaceAsync(changed)).ShouldBe(RegistrationResult.Stored);

        var found = (await Instances.FindByNameAsync(_test.ProjectId, "renamed", default))!;
        (found.Revision, found.Status).ShouldBe((2, InstanceStatus.Frozen));
        found.Tls.ClientKeyPem.ShouldBe(stored.Tls.ClientKeyPem);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task Replace_OtherRevision_IsChanged(int revision) =>
        (await ReplaceAsync(_test.Instance with { Revision = revision })).Conflict.ShouldBe(RegistrationConflict.Changed);

    [Fact]
    public async Task Replace_NameOfAnother_IsRefused()
    {
        await AddAsync(_test.NewInstance("second"));

        (await ReplaceAsync(_test.Instance with { Name = "second", Revision = 2 })).Conflict.ShouldBe(RegistrationConflict.NameTaken);
    }

    [Fact]
    public async Task Remove_Instance_TakesAccountsSecretsAndResetsWithIt()
    {
        var account = await _test.AdoptedAccountAsync("app", "password");
        var intent = await _test.PrepareAsync(account);
        await _test.FinishAsync(intent, ResetState.Done);

        (await Instances.RemoveAsync(_test.Instance.Id, _test.Audit("instance.remove"), default)).ShouldBe(RegistrationResult.Stored);

        (await Instances.FindAnyAsync(_test.Instance.Id, default)).ShouldBeNull();
        (await Instances.FindAccountAsync(account.Id, default)).ShouldBeNull();
        (await _test.VersionsAsync(account.Id)).ShouldBeEmpty();
        (await _test.Store.Resets.FindAsync(intent.ResetId, default)).ShouldBeNull();
        (await _test.Store.Audit.ListAsync(_test.ProjectId, 100, default)).ShouldContain(entry => entry.Entry.Action == "account.adopt");
    }

    [Fact]
    public async Task Remove_OpenReset_IsRefused()
    {
        await _test.PrepareAsync(_test.NewAccount("app"));

        (await Instances.RemoveAsync(_test.Instance.Id, _test.Audit("instance.remove"), default)).Conflict.ShouldBe(RegistrationConflict.ResetOpen);
    }

    [Fact]
    public async Task Remove_Absent_IsChanged() =>
        (await Instances.RemoveAsync(Guid.NewGuid(), _test.Audit("instance.remove"), default)).Conflict.ShouldBe(RegistrationConflict.Changed);

    [Fact]
    public async Task FindAccount_ByName_ComparesExactly()
    {
        var all = await _test.AdoptedAccountAsync("app", "p");

        (await Instances.FindAccountAsync(_test.Instance.Id, new AccountName("app"), default)).ShouldBe(all);
        (await Instances.FindAccountAsync(_test.Instance.Id, new AccountName("APP"), default)).ShouldBeNull();
        (await Instances.FindAccountAsync(_test.Instance.Id, new AccountName("app", ""), default)).ShouldBeNull();
        (await Instances.FindAccountAsync(_test.Instance.Id, new AccountName("app", "%"), default)).ShouldBeNull();
        (await Instances.FindAccountAsync(_test.Instance.Id, new AccountName("app", AuthDatabase: "reports"), default)).ShouldBeNull();
    }

    [Fact]
    public async Task FindOverlap_AllRowsHeld_IsFoundForASingleRowOnly()
    {
        var all = await _test.AdoptedAccountAsync("app", "p");

        (await Instances.FindOverlapAsync(_test.Instance.Id, new AccountName("app", "%"), default)).ShouldBe(all);
        (await Instances.FindOverlapAsync(_test.Instance.Id, new AccountName("app"), default)).ShouldBeNull();
        (await Instances.FindOverlapAsync(_test.Instance.Id, new AccountName("other", "%"), default)).ShouldBeNull();
    }

    [Fact]
    public async Task SetProof_Account_ChangesIt()
    {
        await Instances.SetProofAsync(_test.Admin.Id, ProofMode.None, default);

        (await Instances.FindAccountAsync(_test.Admin.Id, default))!.Proof.ShouldBe(ProofMode.None);
    }

    [Fact]
    public async Task SetDrift_FoundAndGone_IsStored()
    {
        await Instances.SetDriftAsync(_test.Admin.Id, _test.Clock.Now, _test.Audit("account.verify", "drifted"), default);
        (await Instances.FindAccountAsync(_test.Admin.Id, default))!.DriftedAt.ShouldBe(_test.Clock.Now);

        await Instances.SetDriftAsync(_test.Admin.Id, null, _test.Audit("account.verify", "accepted"), default);
        (await Instances.FindAccountAsync(_test.Admin.Id, default))!.DriftedAt.ShouldBeNull();
    }

    [Fact]
    public async Task RemoveAccount_OpenReset_IsRefused()
    {
        var intent = await _test.PrepareAsync(_test.NewAccount("app"));

        (await Instances.RemoveAccountAsync(intent.Account.Id, _test.Audit("account.drop"), default)).ShouldBeFalse();
        await _test.FinishAsync(intent, ResetState.Done);
        (await Instances.RemoveAccountAsync(intent.Account.Id, _test.Audit("account.drop"), default)).ShouldBeTrue();
        (await Instances.FindAccountAsync(intent.Account.Id, default)).ShouldBeNull();
        (await _test.VersionsAsync(intent.Account.Id)).ShouldBeEmpty();
    }

    private Instance Full() => _test.NewInstance("full") with
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
        instance, _test.NewAccount("root", "%") with { InstanceId = instance.Id }, new Secret("p"), _test.Audit("instance.register"), default);

    private ValueTask<RegistrationResult> ReplaceAsync(Instance instance) => Instances.ReplaceAsync(instance, _test.Audit("instance.change"), default);

    [Fact]
    public async Task FindAccount_HostInOtherCase_IsTheSame()
    {
        var account = _test.NewAccount("app", "db.Example.org");
        await _test.Store.Secrets.AdoptAsync(account, new Secret("present"), _test.Audit("account.adopt"), default);

        var found = await _test.Store.Instances.FindAccountAsync(account.InstanceId, new AccountName("app", "DB.example.ORG"), default);

        found!.Id.ShouldBe(account.Id);
    }
}
