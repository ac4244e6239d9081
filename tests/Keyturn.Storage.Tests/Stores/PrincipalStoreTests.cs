using Keyturn.Access;
using Keyturn.Passwords;

namespace Keyturn.Storage.Tests.Stores;

public abstract class PrincipalStoreTests(StoreKind kind) : StoreContract(kind)
{
    private int _made;

    private static readonly byte[] Hash = [1, 2, 3];

    private IPrincipalStore Principals => Test.Store.Principals;

    [Fact]
    public async Task FindByHash_TokenOfAPrincipal_GivesBothAsTheyWereAdded()
    {
        var principal = await AddAsync("second", "second@example.org");
        var token = New(principal.Id, CredentialKind.Token) with { Scopes = Scopes.TryParse(["database:read", "keyturn:account:*"])!, ExpiresAt = Test.Clock.Now };

        await AddAsync(token);

        var known = (await Principals.FindByHashAsync(CredentialKind.Token, Hash, default)).ShouldNotBeNull();
        (known.Principal, known.Credential).ShouldBe((principal, token));
        known.Credential.Scopes.Names.ShouldBe(["database:read", "keyturn:account:*"]);
        known.Material.Hash.ToArray().ShouldBe(Hash);
        known.Credential.IsExpired(Test.Clock.Now).ShouldBeTrue();
    }

    [Fact]
    public async Task FindByHash_OtherHashOrKind_IsNull()
    {
        await AddAsync(New(Test.PrincipalId, CredentialKind.Token));
        await AddAsync(New(Test.PrincipalId, CredentialKind.Password), [4]);

        (await Principals.FindByHashAsync(CredentialKind.Token, new byte[] { 1, 2 }, default)).ShouldBeNull();
        (await Principals.FindByHashAsync(CredentialKind.EmailKey, Hash, default)).ShouldBeNull();
        (await Principals.FindByHashAsync(CredentialKind.Password, new byte[] { 4 }, default)).ShouldBeNull();
    }

    [Fact]
    public async Task FindAccessKey_StoreReopened_OpensTheSecretKey()
    {
        var key = New(Test.PrincipalId, CredentialKind.AccessKey) with { PublicId = "KTAK0001" };
        await Principals.AddCredentialAsync(key, new CredentialMaterial(default, new Secret("secret-key")), Test.Audit("credential.add"), default);
        await Test.ReopenAsync();

        var known = (await Principals.FindAccessKeyAsync("KTAK0001", default)).ShouldNotBeNull();

        known.Credential.ShouldBe(key);
        known.Material.SecretKey.ShouldNotBeNull().Reveal().ShouldBe("secret-key");
        (await Principals.FindAccessKeyAsync("ktak0001", default)).ShouldBeNull();
    }

    [Fact]
    public async Task FindAccessKey_SealedSecretKeyOfAnother_DoesNotOpen()
    {
        foreach (var accessKey in new[] { "A", "B" })
        {
            var key = New(Test.PrincipalId, CredentialKind.AccessKey) with { PublicId = accessKey };
            await Principals.AddCredentialAsync(key, new CredentialMaterial(default, new Secret("secret-key")), audit: null, default);
        }

        await Test.ExecuteAsync("UPDATE credentials SET box = (SELECT box FROM credentials WHERE public_id = 'A') WHERE public_id = 'B'");

        (await FaultOf(Principals.FindAccessKeyAsync("B", default).AsTask())).ShouldBe(StoreFault.Seal);
    }

    [Fact]
    public async Task AddCredential_SecondPassword_ReplacesTheFirstAndEndsSessions()
    {
        await AddAsync(New(Test.PrincipalId, CredentialKind.Password), [1]);
        await AddAsync(New(Test.PrincipalId, CredentialKind.Session), [2]);
        await AddAsync(New(Test.PrincipalId, CredentialKind.Token), [3]);

        await AddAsync(New(Test.PrincipalId, CredentialKind.Password), [4]);

        (await Principals.FindPasswordAsync(Test.PrincipalId, default))!.Material.Hash.ToArray().ShouldBe([4]);
        (await KindsAsync()).ShouldBe([CredentialKind.Token, CredentialKind.Password]);
    }

    [Fact]
    public async Task Revoke_Password_EndsItsSessionsAndNothingElse()
    {
        var password = New(Test.PrincipalId, CredentialKind.Password);
        await AddAsync(password, [1]);
        await AddAsync(New(Test.PrincipalId, CredentialKind.Session), [2]);
        await AddAsync(New(Test.PrincipalId, CredentialKind.Token), [3]);

        (await Principals.RevokeAsync(Test.PrincipalId, password.Id, Test.Audit("credential.revoke"), default)).ShouldBeTrue();

        (await KindsAsync()).ShouldBe([CredentialKind.Token]);
        (await Principals.FindByHashAsync(CredentialKind.Session, new byte[] { 2 }, default)).ShouldBeNull();
    }

    [Theory]
    [InlineData(CredentialKind.Password, true)]
    [InlineData(CredentialKind.Session, true)]
    [InlineData(CredentialKind.AccessKey, true)]
    [InlineData(CredentialKind.Token, false)]
    [InlineData(CredentialKind.EmailKey, false)]
    public async Task Revoke_WhatATemporaryPairMayHaveComeFrom_EndsAllOfThePrincipals(CredentialKind kind, bool ends)
    {
        var other = await AddAsync("other", "other@example.org");
        var shown = kind == CredentialKind.AccessKey ? await AddKeyAsync(Test.PrincipalId, "KTAKSHOWN") : New(Test.PrincipalId, kind);
        if (kind != CredentialKind.AccessKey)
        {
            await AddAsync(shown, [1]);
        }

        await AddKeyAsync(Test.PrincipalId, "KTAKOWN");
        await AddKeyAsync(Test.PrincipalId, "KTST1");
        await AddKeyAsync(Test.PrincipalId, "KTST2");
        await AddKeyAsync(other.Id, "KTST3");

        (await Principals.RevokeAsync(Test.PrincipalId, shown.Id, Test.Audit("credential.revoke"), default)).ShouldBeTrue();

        (await KeysAsync(Test.PrincipalId)).ShouldBe(ends ? ["KTAKOWN"] : ["KTAKOWN", "KTST1", "KTST2"]);
        (await KeysAsync(other.Id)).ShouldBe(["KTST3"]);
    }

    [Fact]
    public async Task AddCredential_SecondPassword_EndsTemporaryPairs()
    {
        await AddAsync(New(Test.PrincipalId, CredentialKind.Password), [1]);
        await AddKeyAsync(Test.PrincipalId, "KTAKOWN");
        await AddKeyAsync(Test.PrincipalId, "KTST1");

        await AddAsync(New(Test.PrincipalId, CredentialKind.Password), [2]);

        (await KeysAsync(Test.PrincipalId)).ShouldBe(["KTAKOWN"]);
    }

    [Fact]
    public async Task RemoveEnded_OneTemporaryPair_LeavesTheOthers()
    {
        var ended = await AddKeyAsync(Test.PrincipalId, "KTST1");
        await AddKeyAsync(Test.PrincipalId, "KTST2");

        (await Principals.RemoveEndedAsync(Test.PrincipalId, ended.Id, Test.Audit("credential.remove"), default)).ShouldBeTrue();
        (await Principals.RemoveEndedAsync(Test.PrincipalId, ended.Id, Test.Audit("credential.remove"), default)).ShouldBeFalse();

        (await KeysAsync(Test.PrincipalId)).ShouldBe(["KTST2"]);
    }

    [Fact]
    public async Task AddCredential_ForOneThatIsRevoked_AddsNothing()
    {
        var password = New(Test.PrincipalId, CredentialKind.Password);
        await AddAsync(password, [1]);
        (await AddForPasswordAsync(New(Test.PrincipalId, CredentialKind.Session), [2])).ShouldBeTrue();

        await AddAsync(New(Test.PrincipalId, CredentialKind.Password), [3]);

        (await AddForPasswordAsync(New(Test.PrincipalId, CredentialKind.Session), [4])).ShouldBeFalse();
        (await KindsAsync()).ShouldBe([CredentialKind.Password]);
        (await Test.Store.Audit.ListAsync(Test.ProjectId, 10, default)).Count(row => row.Entry.Action == "session.open").ShouldBe(1);

        ValueTask<bool> AddForPasswordAsync(PrincipalCredential session, byte[] hash) =>
            Principals.AddCredentialAsync(session, new CredentialMaterial(hash), password.Id, Test.Audit("session.open"), default);
    }

    [Fact]
    public async Task Revoke_Token_IsSeenByTheNextLookupAndAuditedOnce()
    {
        var token = New(Test.PrincipalId, CredentialKind.Token);
        await AddAsync(token);

        (await Principals.RevokeAsync(Test.PrincipalId, token.Id, Test.Audit("credential.revoke"), default)).ShouldBeTrue();
        (await Principals.FindByHashAsync(CredentialKind.Token, Hash, default)).ShouldBeNull();
        (await Principals.RevokeAsync(Test.PrincipalId, token.Id, Test.Audit("credential.revoke"), default)).ShouldBeFalse();

        (await Test.Store.Audit.ListAsync(Test.ProjectId, 10, default)).Count(row => row.Entry.Action == "credential.revoke").ShouldBe(1);
    }

    [Fact]
    public async Task Revoke_CredentialOfAnotherPrincipal_IsNone()
    {
        var token = New(Test.PrincipalId, CredentialKind.Token);
        await AddAsync(token);
        var other = await AddAsync("second");

        (await Principals.RevokeAsync(other.Id, token.Id, Test.Audit("credential.revoke"), default)).ShouldBeFalse();

        (await Principals.FindByHashAsync(CredentialKind.Token, Hash, default)).ShouldNotBeNull();
    }

    [Fact]
    public async Task ListCredentials_ExpiredOnes_AreListedUnlessTheyAreSessions()
    {
        var soon = Test.Clock.Now + TimeSpan.FromHours(1);
        await AddAsync(New(Test.PrincipalId, CredentialKind.Token) with { ExpiresAt = soon }, [1]);
        await AddAsync(New(Test.PrincipalId, CredentialKind.Session) with { ExpiresAt = soon }, [2]);
        (await KindsAsync()).ShouldBe([CredentialKind.Token, CredentialKind.Session]);

        Test.Clock.Advance(TimeSpan.FromHours(1));

        (await KindsAsync()).ShouldBe([CredentialKind.Token]);
        (await Principals.FindByHashAsync(CredentialKind.Session, new byte[] { 2 }, default)).ShouldNotBeNull();
    }

    [Fact]
    public async Task AddSession_OthersEndedADayAgo_RemovesThem()
    {
        await AddAsync(New(Test.PrincipalId, CredentialKind.Session) with { ExpiresAt = Test.Clock.Now }, [1]);
        await AddAsync(New(Test.PrincipalId, CredentialKind.Session) with { ExpiresAt = Test.Clock.Now.AddDays(1) }, [2]);
        Test.Clock.Advance(TimeSpan.FromDays(1) + TimeSpan.FromSeconds(1));

        await AddAsync(New(Test.PrincipalId, CredentialKind.Session), [3]);

        (await Principals.FindByHashAsync(CredentialKind.Session, new byte[] { 1 }, default)).ShouldBeNull();
        (await Principals.FindByHashAsync(CredentialKind.Session, new byte[] { 2 }, default)).ShouldNotBeNull();
    }

    [Fact]
    public async Task AddCredential_HashOrAccessKeyTaken_IsAConflict()
    {
        await AddAsync(New(Test.PrincipalId, CredentialKind.Token));

        (await FaultOf(AddAsync(New(Test.PrincipalId, CredentialKind.Token)))).ShouldBe(StoreFault.Conflict);
        await AddAsync(New(Test.PrincipalId, CredentialKind.EmailKey));
    }

    [Fact]
    public async Task Add_NameOrAddressTaken_IsFalseAndAddsNothing()
    {
        await AddAsync("second", "second@example.org");

        (await Principals.AddAsync(NewPrincipal("second"), Test.Audit("principal.add"), default)).ShouldBeFalse();
        (await Principals.AddAsync(NewPrincipal("third") with { Email = "Second@Example.org" }, Test.Audit("principal.add"), default)).ShouldBeFalse();

        (await Principals.ListAsync(Test.ProjectId, default)).Select(principal => principal.Name).ShouldBe(["second", "tester"]);
    }

    [Fact]
    public async Task Change_NameAndAddress_KeepsItsCredentials()
    {
        var principal = await AddAsync("second");
        await AddAsync(New(principal.Id, CredentialKind.Token));
        var changed = principal with { Name = "renamed", Email = "r@example.org" };

        (await Principals.ChangeAsync(changed, Test.Audit("principal.change"), default)).ShouldBeTrue();

        (await Principals.FindByHashAsync(CredentialKind.Token, Hash, default))!.Principal.ShouldBe(changed);
        (await Principals.FindAsync(Test.ProjectId, "second", default)).ShouldBeNull();
        (await Principals.ChangeAsync(changed with { Name = "tester" }, Test.Audit("principal.change"), default)).ShouldBeFalse();
    }

    [Fact]
    public async Task Remove_Principal_ItsCredentialsGoWithIt()
    {
        var principal = await AddAsync("second");
        await AddAsync(New(principal.Id, CredentialKind.Token));

        (await Principals.RemoveAsync(principal.Id, Test.Audit("principal.remove"), default)).ShouldBeTrue();

        (await Principals.FindByHashAsync(CredentialKind.Token, Hash, default)).ShouldBeNull();
        (await Principals.FindAsync(principal.Id, default)).ShouldBeNull();
        (await Principals.RemoveAsync(principal.Id, Test.Audit("principal.remove"), default)).ShouldBeFalse();
    }

    [Fact]
    public async Task Project_AddedAndChanged_IsFoundByNameUnlessThatIsTaken()
    {
        var project = new Project(Guid.NewGuid(), "second", "eu-de", Test.Clock.Now);
        (await Principals.AddProjectAsync(project, default)).ShouldBeTrue();
        (await Principals.AddProjectAsync(project with { Id = Guid.NewGuid() }, default)).ShouldBeFalse();

        (await Principals.ChangeProjectAsync(project with { Name = "default" }, Test.Audit("project.change"), default)).ShouldBeFalse();
        (await Principals.ChangeProjectAsync(project with { Region = "eu-nl" }, Test.Audit("project.change"), default)).ShouldBeTrue();

        (await Principals.FindProjectAsync("second", default)).ShouldBe(project with { Region = "eu-nl" });
        (await Principals.FindProjectAsync(Test.ProjectId, default))!.Name.ShouldBe("default");
    }

    [Fact]
    public async Task FindByHash_ScopesOfALaterProgram_IsRefused()
    {
        await AddAsync(New(Test.PrincipalId, CredentialKind.Token));
        await Test.ExecuteAsync("""UPDATE credentials SET scopes = '["keyturn:account:read","keyturn:later"]'""");

        (await FaultOf(Principals.FindByHashAsync(CredentialKind.Token, Hash, default).AsTask())).ShouldBe(StoreFault.Corrupt);
    }

    private static async Task<StoreFault> FaultOf(Task task) => (await Should.ThrowAsync<StoreException>(task)).Fault;

    private Principal NewPrincipal(string name) => new(Guid.NewGuid(), Test.ProjectId, name, Test.Clock.Now);

    /// <summary>Ids in the order in which they are made: by them the store sorts what it was given at the same moment.</summary>
    private PrincipalCredential New(Guid principalId, CredentialKind kind) => new(Guid.CreateVersion7(Test.Clock.Now.AddMilliseconds(_made++)), principalId, kind, "label", Test.Clock.Now);

    private async Task<Principal> AddAsync(string name, string? email = null)
    {
        var principal = NewPrincipal(name) with { Email = email };
        (await Principals.AddAsync(principal, Test.Audit("principal.add"), default)).ShouldBeTrue();
        return principal;
    }

    private Task AddAsync(PrincipalCredential credential, byte[]? hash = null) =>
        Principals.AddCredentialAsync(credential, new CredentialMaterial(hash ?? Hash), Test.Audit("credential.add"), default).AsTask();

    private async Task<PrincipalCredential> AddKeyAsync(Guid principalId, string accessKey)
    {
        var key = New(principalId, CredentialKind.AccessKey) with { PublicId = accessKey };
        await Principals.AddCredentialAsync(key, new CredentialMaterial(default, new Secret("secret-key")), audit: null, default);
        return key;
    }

    private async Task<IEnumerable<string?>> KeysAsync(Guid principalId) =>
        (await Principals.ListCredentialsAsync(principalId, default)).Where(credential => credential.Kind == CredentialKind.AccessKey).Select(credential => credential.PublicId);

    private async Task<IEnumerable<CredentialKind>> KindsAsync() => (await Principals.ListCredentialsAsync(Test.PrincipalId, default)).Select(credential => credential.Kind);
}

public sealed class SqlitePrincipalStoreTests() : PrincipalStoreTests(StoreKind.Sqlite);

public sealed class PostgreSqlPrincipalStoreTests() : PrincipalStoreTests(StoreKind.PostgreSql);
