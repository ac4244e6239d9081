using Keyturn.Passwords;
using Keyturn.Server.Access;
using Keyturn.Storage.Sealing;
using Keyturn.Storage.Sqlite;

namespace Keyturn.Cli.Tests.Commands;

public sealed class InitCommandTests
{
    [Fact]
    public async Task Init_NewStore_HandsOutATokenThatTheStoreKnows()
    {
        using var folder = new TemporaryFolder();

        var run = await CommandRun.RunAsync(["init", "--store", folder["store.db"], "--master-key", folder["master.key"], "--principal", "ops"]);

        run.ExitCode.ShouldBe(ExitCode.Done, run.Error);
        run.Error.ShouldContain("apart");
        (await PrincipalOfAsync(folder, run.Out.Trim())).ShouldBe("ops");
    }

    [Fact]
    public async Task Init_TokenFile_KeepsTheTokenOffTheScreen()
    {
        using var folder = new TemporaryFolder();

        var run = await CommandRun.RunAsync(["init", "--store", folder["store.db"], "--master-key", folder["master.key"], "--token-file", folder["token"]]);

        run.Out.ShouldBeEmpty();
        (await PrincipalOfAsync(folder, await File.ReadAllTextAsync(folder["token"]))).ShouldBe("admin");
    }

    [Fact]
    public async Task Init_StoreIsThere_IsRefusedAndLeavesItAndItsKey()
    {
        using var folder = new TemporaryFolder();
        await CommandRun.RunAsync(["init", "--store", folder["store.db"], "--master-key", folder["master.key"], "--token-file", folder["token"]]);
        var key = await File.ReadAllTextAsync(folder["master.key"]);

        var run = await CommandRun.RunAsync(["init", "--store", folder["store.db"], "--master-key", folder["master.key"]]);

        run.ExitCode.ShouldBe(ExitCode.Refused);
        run.Out.ShouldBeEmpty();
        (await File.ReadAllTextAsync(folder["master.key"])).ShouldBe(key);
        (await PrincipalOfAsync(folder, await File.ReadAllTextAsync(folder["token"]))).ShouldBe("admin");
    }

    [Fact]
    public async Task Init_NoMasterKeyNamed_ExitsUsage()
    {
        using var folder = new TemporaryFolder();

        var run = await CommandRun.RunAsync(["init", "--store", folder["store.db"]]);

        run.ExitCode.ShouldBe(ExitCode.Usage);
        folder.Files.ShouldBeEmpty();
    }

    private static async Task<string?> PrincipalOfAsync(TemporaryFolder folder, string token)
    {
        var key = await MasterKeyFile.ReadAsync(folder["master.key"], CancellationToken.None);
        await using var store = await SqliteStore.OpenAsync(folder["store.db"], new MasterKeys(key), TimeProvider.System);
        return (await store.Principals.FindByTokenHashAsync(ApiToken.Hash(new Secret(token)), CancellationToken.None))?.Name;
    }
}
