using Keyturn.Access;
using Keyturn.Passwords;

namespace Keyturn.Storage.Tests.Sqlite;

public sealed class PrincipalStoreTests : IAsyncLifetime
{
    private static readonly byte[] Hash = [1, 2, 3];

    private TestStore _test = null!;

    public async ValueTask InitializeAsync() => _test = await TestStore.CreateAsync();

    public ValueTask DisposeAsync() => _test.DisposeAsync();

    private IPrincipalStore Principals => _test.Store.Principals;

    [Fact]
    public async Task FindByHash_TokenOfAPrincipal_GivesBothAsTheyWereAdded()
    {
        var principal = await AddAsync("second", "second@example.org");
        var token = New(principal.Id, CredentialKind.Token) with { Scopes = Scopes.TryParse(["database:read", "keyturn:account:*"])!, ExpiresAt = _test.Clock.Now };

        await AddAsync(token);

        var known = (await Principals.FindByHashAsync(CredentialKind.Token, Hash, default)).ShouldNotBeNull();
        (known.Principal, known.Credential).ShouldBe((principal, token));
        known.Credential.Scopes.Names.ShouldBe(["database:read", "keyturn:account:*"]);
        known.Material.Hash.ToArray().ShouldBe(Hash);
        known.Credential.IsExpired(_test.Clock.Now).ShouldBeTrue();
    }

    [Fact]
    public async Task FindByHash_OtherHashOrKind_IsNull()
    {
        await AddAsync(New(_test.PrincipalId, CredentialKind.Token));
        await AddAsync(New(_test.PrincipalId, CredentialKind.Password), [4]);

        (await Principals.FindByHashAsync(CredentialKind.Token, new byte[] { 1, 2 }, default)).ShouldBeNull();
        (await Principals.FindByHashAsync(CredentialKind.EmailKey, Hash, default)).ShouldBeNull();
        (await Principals.FindByHashAsync(CredentialKind.Password, new byte[] { 4 }, default)).ShouldBeNull();
    }

    [Fact]
    public async Task FindAccessKey_StoreReopened_OpensTheSecretKey()
    {
        var key = New(_test.PrincipalId, CredentialKind.AccessKey) with { PublicId = "KTAK0001" };
        await Principals.AddCredentialAsync(key, new CredentialMaterial(default, new Secret("secret-key")), _test.Audit("credential.add"), default);
        await _test.ReopenAsync();

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
            var key = New(_test.PrincipalId, CredentialKind.AccessKey) with { PublicId = accessKey };
            await Principals.AddCredentialAsync(key, new CredentialMaterial(default, new Secret("secret-key")), audit: null, default);
        }

        await _test.Store.Writer.WriteAsync(default, session => session.Execute("UPDATE credentials SET box = (SELECT box FROM credentials WHERE public_id = 'A') WHERE public_id = 'B'"));

        (await FaultOf(Principals.FindAccessKeyAsync("B", default).AsTask())).ShouldBe(StoreFault.Seal);
    }

    [Fact]
    public async Task AddCredential_SecondPassword_ReplacesTheFirstAndEndsSessions()
    {
        await AddAsync(New(_test.PrincipalId, CredentialKind.Password), [1]);
        await AddAsync(New(_test.PrincipalId, CredentialKind.Session), [2]);
        await AddAsync(New(_test.PrincipalId, CredentialKind.Token), [3]);

        await AddAsync(New(_test.PrincipalId, CredentialKind.Password), [4]);

        (await Principals.FindPasswordAsync(_test.PrincipalId, default))!.Material.Hash.ToArray().ShouldBe([4]);
        (await KindsAsync()).ShouldBe([CredentialKind.Token, CredentialKind.Password]);
    }

    [Fact]
    public async Task Revoke_Password_EndsItsSessionsAndNothingElse()
    {
        var password = New(_test.PrincipalId, CredentialKind.Password);
        await AddAsync(password, [1]);
        await AddAsync(New(_test.PrincipalId, CredentialKind.Session), [2]);
        await AddAsync(New(_test.PrincipalId, CredentialKind.Token), [3]);

        (await Principals.RevokeAsync(_test.PrincipalId, password.Id, _test.Audit("credential.revoke"), default)).ShouldBeTrue();

        (await KindsAsync()).ShouldBe([CredentialKind.Token]);
        (await Principals.FindByHashAsync(CredentialKind.Session, new byte[] { 2 }, default)).ShouldBeNull();
    }

    [Fact]
    public async Task AddCredential_ForOneThatIsRevoked_AddsNothing()
    {
        var password = New(_test.PrincipalId, CredentialKind.Password);
        await AddAsync(password, [1]);
        (await AddForPasswordAsync(New(_test.PrincipalId, CredentialKind.Session), [2])).ShouldBeTrue();

        await AddAsync(New(_test.PrincipalId, CredentialKind.Password), [3]);

        (await AddForPasswordAsync(New(_test.PrincipalId, CredentialKind.Session), [4])).ShouldBeFalse();
        (await KindsAsync()).ShouldBe([CredentialKind.Password]);
        (await _test.Store.Audit.ListAsync(_test.ProjectId, 10, default)).Count(row => row.Entry.Action == "session.open").ShouldBe(1);

        ValueTask<bool> AddForPasswordAsync(PrincipalCredential session, byte[] hash) =>
            Principals.AddCredentialAsync(session, new CredentialMaterial(hash), password.Id, _test.Audit("session.open"), default);
    }

    [Fact]
    public async Task Revoke_Token_IsSeenByTheNextLookupAndAuditedOnce()
    {
        var token = New(_test.PrincipalId, CredentialKind.Token);
        await AddAsync(token);

        (await Principals.RevokeAsync(_test.PrincipalId, token.Id, _test.Audit("credential.revoke"), default)).ShouldBeTrue();
        (await Principals.FindByHashAsync(CredentialKind.Token, Hash, default)).ShouldBeNull();
        (await Principals.RevokeAsync(_test.PrincipalId, token.Id, _test.Audit("credential.revoke"), default)).ShouldBeFalse();

        (await _test.Store.Audit.ListAsync(_test.ProjectId, 10, default)).Count(row => row.Entry.Action == "credential.revoke").ShouldBe(1);
    }

    [Fact]
    public async Task Revoke_CredentialOfAnotherPrincipal_IsNone()
    {
        var token = New(_test.PrincipalId, CredentialKind.Token);
        await AddAsync(token);
        var other = await AddAsync("second");

        (await Principals.RevokeAsync(other.Id, token.Id, _test.Audit("credential.revoke"), default)).ShouldBeFalse();

        (await Principals.FindByHashAsync(CredentialKind.Token, Hash, default)).ShouldNotBeNull();
    }

    [Fact]
    public async Task ListCredentials_ExpiredOnes_AreListedUnlessTheyAreSessions()
    {
        var soon = _test.Clock.Now + TimeSpan.FromHours(1);
        await AddAsync(New(_test.PrincipalId, CredentialKind.Token) with { ExpiresAt = soon }, [1]);
        await AddAsync(New(_test.PrincipalId, CredentialKind.Session) with { ExpiresAt = soon }, [2]);
        (await KindsAsync()).ShouldBe([CredentialKind.Token, CredentialKind.Session]);

        _test.Clock.Advance(TimeSpan.FromHours(1));

        (await KindsAsync()).ShouldBe([CredentialKind.Token]);
        (await Principals.FindByHashAsync(CredentialKind.Session, new byte[] { 2 }, default)).ShouldNotBeNull();
    }

    [Fact]
    public async Task AddSession_OthersEndedADayAgo_RemovesThem()
    {
        await AddAsync(New(_test.PrincipalId, CredentialKind.Session) with { ExpiresAt = _test.Clock.Now }, [1]);
        await AddAsync(New(_test.PrincipalId, CredentialKind.Session) with { ExpiresAt = _test.Clock.Now.AddDays(1) }, [2]);
        _test.Clock.Advance(TimeSpan.FromDays(1) + TimeSpan.FromSeconds(1));

        await AddAsync(New(_test.PrincipalId, CredentialKind.Session), [3]);

        (await Principals.FindByHashAsync(CredentialKind.Session, new byte[] { 1 }, default)).ShouldBeNull();
        (await Principals.FindByHashAsync(CredentialKind.Session, new byte[] { 2 }, default)).ShouldNotBeNull();
    }

    [Fact]
    public async Task AddCredential_HashOrAccessKeyTaken_IsAConflict()
    {
        await AddAsync(New(_test.PrincipalId, CredentialKind.Token));

        (await FaultOf(AddAsync(New(_test.PrincipalId, CredentialKind.Token)))).ShouldBe(StoreFault.Conflict);
        await AddAsync(New(_test.PrincipalId, CredentialKind.EmailKey));
    }

    [Fact]
    public async Task Add_NameOrAddressTaken_IsFalseAndAddsNothing()
    {
        await AddAsync("second", "second@example.org");

        (await Principals.AddAsync(NewPrincipal("second"), _test.Audit("principal.add"), default)).ShouldBeFalse();
        (await Principals.AddAsync(NewPrincipal("third") with { Email = "Second@Example.org" }, _test.Audit("principal.add"), default)).ShouldBeFalse();

        (await Principals.ListAsync(_test.ProjectId, default)).Select(principal => principal.Name).ShouldBe(["second", "tester"]);
    }

    [Fact]
    public async Task Change_NameAndAddress_KeepsItsCredentials()
    {
        var principal = await AddAsync("second");
        await AddAsync(New(principal.Id, CredentialKind.Token));
        var changed = principal with { Name = "renamed", Email = "r@example.org" };

        (await Principals.ChangeAsync(changed, _test.Audit("principal.change"), default)).ShouldBeTrue();

        (await Principals.FindByHashAsync(CredentialKind.Token, Hash, default))!.Principal.ShouldBe(changed);
        (await Principals.FindAsync(_test.ProjectId, "second", default)).ShouldBeNull();
        (await Principals.ChangeAsync(changed with { Name = "tester" }, _test.Audit("principal.change"), default)).ShouldBeFalse();
    }

    [Fact]
    public async Task Remove_Principal_ItsCredentialsGoWithIt()
    {
        var principal = await AddAsync("second");
        await AddAsync(New(principal.Id, CredentialKind.Token));

        (await Principals.RemoveAsync(principal.Id, _test.Audit("principal.remove"), default)).ShouldBeTrue();

        (await Principals.FindByHashAsync(CredentialKind.Token, Hash, default)).ShouldBeNull();
        (await Principals.FindAsync(principal.Id, default)).ShouldBeNull();
        (await Principals.RemoveAsync(principal.Id, _test.Audit("principal.remove"), default)).ShouldBeFalse();
    }

    [Fact]
    public async Task Project_AddedAndChanged_IsFoundByNameUnlessThatIsTaken()
    {
        var project = new Project(Guid.NewGuid(), "second", "eu-de", _test.Clock.Now);
        (await Principals.AddProjectAsync(project, default)).ShouldBeTrue();
        (await Principals.AddProjectAsync(project with { Id = Guid.NewGuid() }, default)).ShouldBeFalse();

        (await Principals.ChangeProjectAsync(project with { Name = "default" }, _test.Audit("project.change"), default)).ShouldBeFalse();
        (await Principals.ChangeProjectAsync(project with { Region = "eu-nl" }, _test.Audit("project.change"), default)).ShouldBeTrue();

        (await Principals.FindProjectAsync("second", default)).ShouldBe(project with { Region = "eu-nl" });
        (await Principals.FindProjectAsync(_test.ProjectId, default))!.Name.ShouldBe("default");
    }

    [Fact]
    public async Task FindByHash_ScopesOfALaterProgram_IsRefused()
    {
        await AddAsync(New(_test.PrincipalId, CredentialKind.Token));
        await _test.Store.Writer.WriteAsync(default, session => session.Execute("""UPDATE credentials SET scopes = '["keyturn:account:read","keyturn:later"]'"""));

        (await FaultOf(Principals.FindByHashAsync(CredentialKind.Token, Hash, default).AsTask())).ShouldBe(StoreFault.Corrupt);
    }

    private static async Task<StoreFault> FaultOf(Task task) => (await Should.ThrowAsync<StoreException>(task)).Fault;

    private Principal NewPrincipal(string name) => new(Guid.NewGuid(), _test.ProjectId, name, _test.Clock.Now);

    private PrincipalCredential New(Guid principalId, CredentialKind kind) => new(Guid.NewGuid(), principalId, kind, "label", _test.Clock.Now);

    private async Task<Principal> AddAsync(string name, string? email = null)
    {
        var principal = NewPrincipal(name) with { Email = email };
        (await Principals.AddAsync(principal, _test.Audit("principal.add"), default)).ShouldBeTrue();
        return principal;
    }

    private Task AddAsync(PrincipalCredential credential, byte[]? hash = null) =>
        Principals.AddCredentialAsync(credential, new CredentialMaterial(hash ?? Hash), _test.Audit("credential.add"), default).AsTask();

    private async Task<IEnumerable<CredentialKind>> KindsAsync() => (await Principals.ListCredentialsAsync(_test.PrincipalId, default)).Select(credential => credential.Kind);
}
