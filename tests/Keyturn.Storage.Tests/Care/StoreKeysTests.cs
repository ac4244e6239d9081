using Keyturn.Resets;
using Keyturn.Storage.Care;
using Keyturn.Storage.Sealing;
using Keyturn.Storage.Tests.Stores;

namespace Keyturn.Storage.Tests.Care;

public abstract class StoreKeysTests(StoreKind kind) : StoreContract(kind)
{
    private readonly MasterKey _new = MasterKey.Generate();

    private MasterKeys Both => new(_new, Test.MasterKeys.Current);

    [Fact]
    public async Task Rewrap_WhileInUse_OpensWithTheNewKeyAloneAndGoesOn()
    {
        var account = await Test.AdoptedAccountAsync("app", "old");

        await Test.Store.Keys.UseAsync(Both);
        (await Test.Store.Keys.RewrapAsync()).ShouldBe(1);
        (await Test.Store.Keys.RewrapAsync()).ShouldBe(0);
        await Test.Store.Keys.UseAsync(new MasterKeys(_new));

        await Test.FinishAsync(await Test.PrepareAsync(account, "new"), ResetState.Done);
        (await Test.VersionsAsync(account.Id)).Select(version => version.Password).ShouldBe(["new", "old"]);
        await Test.CloseAsync();
        (await Should.ThrowAsync<StoreException>(Store.OpenAsync(Test.Where, Test.MasterKeys, Test.Clock, allowAsynchronous: true))).Fault.ShouldBe(StoreFault.MasterKey);
        (await StoreCheck.RunAsync(Test.Where, new MasterKeys(_new), Test.Clock, default)).Findings.ShouldBeEmpty();
    }

    [Fact]
    public async Task Use_KeysThatDoNotOpenAll_IsRefusedAndThePresentOnesGoOn()
    {
        var account = await Test.AdoptedAccountAsync("app", "old");

        (await Should.ThrowAsync<StoreException>(Test.Store.Keys.UseAsync(new MasterKeys(_new)))).Fault.ShouldBe(StoreFault.MasterKey);

        (await Test.VersionsAsync(account.Id)).Single().Password.ShouldBe("old");
    }

    [Fact]
    public async Task Use_NewKeyBeforeTheRewrap_SealsNothingByIt()
    {
        await Test.Store.Keys.UseAsync(Both);
        await Test.AdoptedAccountAsync("app", "password");

        await Test.ReopenAsync();
    }

    [Fact]
    public async Task CountForeign_BesideTheStoreInUse_TellsWhetherTheOldKeyIsNeeded()
    {
        await Test.Store.Keys.UseAsync(Both);
        (await CountAsync()).ShouldBe(1);

        await Test.Store.Keys.RewrapAsync();
        (await CountAsync()).ShouldBe(0);
    }

    [Fact]
    public async Task AddDataKey_SealsWhatComes_AndWhatIsThereStaysOpen()
    {
        var account = await Test.AdoptedAccountAsync("app", "old");

        (await Test.Store.Keys.AddDataKeyAsync()).ShouldBe(2);
        await Test.FinishAsync(await Test.PrepareAsync(account, "new"), ResetState.Done);

        (await Test.VersionsAsync(account.Id)).Select(version => version.Password).ShouldBe(["new", "old"]);
        (await Test.NumberAsync("SELECT max(data_key_id) FROM secrets")).ShouldBe(2);
        await Test.ReopenAsync();
        (await Test.VersionsAsync(account.Id)).Select(version => version.Password).ShouldBe(["new", "old"]);
    }

    private Task<int> CountAsync() => StoreKeys.CountForeignAsync(Test.Where, new MasterKeys(_new), Test.Clock, default);
}

public sealed class SqliteStoreKeysTests() : StoreKeysTests(StoreKind.Sqlite);

public sealed class PostgreSqlStoreKeysTests() : StoreKeysTests(StoreKind.PostgreSql)
{
    [Fact]
    public async Task Open_SealedByAKeyThatAnotherNodeMade_ReadsTheKey()
    {
        var account = await Test.AdoptedAccountAsync("app", "old");
        await using var other = await Store.OpenAsync(Test.Where, Test.MasterKeys, Test.Clock, allowAsynchronous: true);
        await other.Keys.AddDataKeyAsync();
        var intent = Test.Intent(account, "new");
        (await other.Resets.PrepareAsync(intent)).Conflict.ShouldBe(PrepareConflict.None);
        (await other.Resets.FinishAsync(Test.End(intent, ResetState.Done))).ShouldBeTrue();

        (await Test.VersionsAsync(account.Id)).Select(version => version.Password).ShouldBe(["new", "old"]);
    }
}
