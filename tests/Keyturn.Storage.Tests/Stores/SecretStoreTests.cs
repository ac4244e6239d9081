using Keyturn.Instances;
using Keyturn.Passwords;
using Keyturn.Resets;

namespace Keyturn.Storage.Tests.Stores;

public abstract class SecretStoreTests(StoreKind kind) : StoreContract(kind)
{
    private ISecretStore Secrets => Test.Store.Secrets;

    [Fact]
    public async Task Read_UnknownAccount_IsEmpty()
    {
        var versions = await Secrets.ReadAsync(Guid.NewGuid(), 10, default);

        versions.Versions.ShouldBeEmpty();
        (versions.Current, versions.OpenReset).ShouldBe((null, null));
    }

    [Fact]
    public async Task Read_FewerThanThereAre_GivesTheNewestAndThoseInUse()
    {
        var account = await Test.AdoptedAccountAsync("app", "first");
        await Test.FinishAsync(await Test.PrepareAsync(account, "second"), ResetState.Failed);
        await Test.FinishAsync(await Test.PrepareAsync(account, "third"), ResetState.Failed);

        var versions = await Secrets.ReadAsync(account.Id, 1, default);

        versions.Versions.Select(version => version.Version).ShouldBe([3, 1]);
        versions.Current!.Password.Reveal().ShouldBe("first");
        versions.Candidates.Single().Version.ShouldBe(1);
    }

    [Fact]
    public async Task Read_OpenReset_GivesItWithBothCandidates()
    {
        var account = await Test.AdoptedAccountAsync("app", "old");
        var intent = await Test.PrepareAsync(account, "new");

        var versions = await Secrets.ReadAsync(account.Id, 1, default);

        versions.OpenReset.ShouldBe(intent.ResetId);
        versions.Candidates.Select(version => version.Password.Reveal()).ShouldBe(["new", "old"]);
        versions.Versions[0].ResetId.ShouldBe(intent.ResetId);
        versions.Versions[1].ResetId.ShouldBeNull();
        versions.Versions[0].CreatedAt.ShouldBe(Test.Clock.Now);
    }

    [Fact]
    public async Task Adopt_HeldAccountWithAnotherProof_KeepsTheProof()
    {
        var account = await Test.AdoptedAccountAsync("app", "old");

        await Secrets.AdoptAsync(account with { Proof = ProofMode.Readback }, new Secret("present"), await Test.SeenAsync(account.Id), Test.Audit("account.adopt"), default);

        (await Test.Store.Instances.FindAccountAsync(account.Id, default))!.Proof.ShouldBe(ProofMode.Readback);
    }

    [Fact]
    public async Task Adopt_NewAccount_StoresItWithItsPassword()
    {
        var account = await Test.AdoptedAccountAsync("app", "present");

        (await Test.Store.Instances.FindAccountAsync(account.Id, default)).ShouldBe(account);
        (await Test.VersionsAsync(account.Id)).ShouldBe([(1, SecretState.Current, "present")]);
        (await Test.Store.Audit.ListAsync(Test.ProjectId, 1, default))[0].Entry.Action.ShouldBe("account.adopt");
    }

    [Fact]
    public async Task Adopt_AccountHasAPassword_MovesItToPreviousAndClearsDrift()
    {
        var account = await Test.AdoptedAccountAsync("app", "old");
        await Test.Store.Instances.SetDriftAsync(account.Id, Test.Clock.Now, await Test.SeenAsync(account.Id), Test.Audit("account.verify"), default);

        await Secrets.AdoptAsync(account, new Secret("present"), await Test.SeenAsync(account.Id), Test.Audit("account.adopt"), default);

        (await Test.VersionsAsync(account.Id)).ShouldBe([(2, SecretState.Current, "present"), (1, SecretState.Previous, "old")]);
        (await Test.Store.Instances.FindAccountAsync(account.Id, default))!.DriftedAt.ShouldBeNull();
    }

    [Theory]
    [InlineData(ResetState.Prepared)]
    [InlineData(ResetState.Undecided)]
    public async Task AdoptAndPromote_OpenReset_StoreNothing(ResetState state)
    {
        var account = await Test.AdoptedAccountAsync("app", "old");
        var intent = await Test.PrepareAsync(account, "new");
        if (state == ResetState.Undecided)
        {
            await Test.FinishAsync(intent, state);
        }

        (await Secrets.AdoptAsync(account, new Secret("present"), await Test.SeenAsync(account.Id), Test.Audit("account.adopt"), default)).ShouldBeFalse();
        (await Secrets.PromoteAsync(account.Id, 2, await Test.SeenAsync(account.Id), Test.Audit("account.verify"), default)).ShouldBeFalse();
        (await Test.VersionsAsync(account.Id)).ShouldBe([(2, SecretState.Pending, "new"), (1, SecretState.Current, "old")]);
    }

    [Fact]
    public async Task AdoptPromoteAndDrift_ResetSinceTheLook_WriteNothing()
    {
        var account = await Test.AdoptedAccountAsync("app", "old");
        var seen = await Test.SeenAsync(account.Id);
        await Test.FinishAsync(await Test.PrepareAsync(account, "new"), ResetState.Done);

        (await Secrets.AdoptAsync(account, new Secret("old"), seen, Test.Audit("account.adopt"), default)).ShouldBeFalse();
        (await Secrets.PromoteAsync(account.Id, 1, seen, Test.Audit("account.verify"), default)).ShouldBeFalse();
        (await Test.Store.Instances.SetDriftAsync(account.Id, Test.Clock.Now, seen, Test.Audit("account.verify"), default)).ShouldBeFalse();
        (await Test.VersionsAsync(account.Id)).ShouldBe([(2, SecretState.Current, "new"), (1, SecretState.Previous, "old")]);
        (await Test.Store.Instances.FindAccountAsync(account.Id, default))!.DriftedAt.ShouldBeNull();
    }

    [Fact]
    public async Task Adopt_ParkedReset_SettlesIt()
    {
        var account = await Test.AdoptedAccountAsync("app", "old");
        var parked = await Test.PrepareAsync(account, "new");
        await Test.FinishAsync(parked, ResetState.Parked);

        (await Secrets.AdoptAsync(account, new Secret("present"), await Test.SeenAsync(account.Id), Test.Audit("account.adopt"), default)).ShouldBeTrue();

        (await Test.VersionsAsync(account.Id)).ShouldBe(
            [(3, SecretState.Current, "present"), (2, SecretState.Failed, "new"), (1, SecretState.Previous, "old")]);
        (await Secrets.ReadAsync(account.Id, 1, default)).OpenReset.ShouldBeNull();
        (await Test.Store.Resets.FindUnsettledAsync(account.Id, default)).ShouldBeNull();
    }

    [Fact]
    public async Task Promote_PendingOfAParkedReset_MakesItCurrent()
    {
        var account = await Test.AdoptedAccountAsync("app", "old");
        await Test.FinishAsync(await Test.PrepareAsync(account, "new"), ResetState.Parked);

        (await Secrets.PromoteAsync(account.Id, 2, await Test.SeenAsync(account.Id), Test.Audit("account.verify"), default)).ShouldBeTrue();

        (await Test.VersionsAsync(account.Id)).ShouldBe([(2, SecretState.Current, "new"), (1, SecretState.Previous, "old")]);
    }

    [Fact]
    public async Task Promote_NoSuchVersion_IsAConflictAndChangesNothing()
    {
        var account = await Test.AdoptedAccountAsync("app", "old");

        (await Should.ThrowAsync<StoreException>(async () => await Secrets.PromoteAsync(account.Id, 9, await Test.SeenAsync(account.Id), Test.Audit("account.verify"), default)))
            .Fault.ShouldBe(StoreFault.Conflict);
        (await Test.VersionsAsync(account.Id)).ShouldBe([(1, SecretState.Current, "old")]);
    }

    [Fact]
    public async Task Adopt_OverlapsWithAnotherAccount_IsAConflict()
    {
        await Test.PrepareAsync(Test.NewAccount("app", "%"));

        (await Should.ThrowAsync<StoreException>(async () => await Secrets.AdoptAsync(Test.NewAccount("app"), new Secret("p"), await Test.SeenAsync(Test.NewAccount("app").Id), Test.Audit("account.adopt"), default)))
            .Fault.ShouldBe(StoreFault.Conflict);
    }

    [Fact]
    public async Task Read_SecretMovedToAnotherAccount_DoesNotOpen()
    {
        var from = await Test.AdoptedAccountAsync("from", "password");
        var to = await Test.AdoptedAccountAsync("to", "other");
        await Test.ExecuteAsync(
            "UPDATE secrets SET box = (SELECT box FROM secrets WHERE account_id = $from) WHERE account_id = $to", ("$from", from.Id), ("$to", to.Id));

        var error = await Should.ThrowAsync<StoreException>(() => Secrets.ReadAsync(to.Id, 1, default).AsTask());

        error.Fault.ShouldBe(StoreFault.Seal);
        error.Message.ShouldContain($"version 1 of account {to.Id}");
    }

    [Fact]
    public async Task Store_AfterEveryKindOfWrite_HoldsNoClearSecret()
    {
        string[] secrets = ["canary-adopted", "canary-pending", "canary-failed", "canary-key", "canary-text"];
        var account = await Test.AdoptedAccountAsync("app", secrets[0]);
        await Test.FinishAsync(await Test.PrepareAsync(account, secrets[2]), ResetState.Failed);
        await Test.PrepareAsync(account, secrets[1]);
        var instance = Test.NewInstance("second");
        instance = instance with { Tls = instance.Tls with { ClientKeyPem = new Secret(secrets[3]) } };
        await Test.Store.Instances.AddAsync(instance, Test.NewAccount("x") with { InstanceId = instance.Id }, new Secret("canary-adopted"), Test.Audit("instance.register"), default);
        Test.Store.Resets.Digest(secrets[4]);

        var texts = Test.Contents().ToList();
        await Test.ReopenAsync();

        texts.AddRange(Test.Contents());
        texts.ShouldContain(text => text.Contains("account.adopt", StringComparison.Ordinal));
        texts.ShouldAllBe(text => !text.Contains("canary", StringComparison.Ordinal) && !text.Contains("admin-password", StringComparison.Ordinal));
    }
}

public sealed class SqliteSecretStoreTests() : SecretStoreTests(StoreKind.Sqlite);

public sealed class PostgreSqlSecretStoreTests() : SecretStoreTests(StoreKind.PostgreSql);
