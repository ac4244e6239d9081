using Keyturn.Access;
using Keyturn.Cli.Commands;
using Keyturn.Passwords;
using Keyturn.Server.Access;
using Keyturn.Storage;
using Keyturn.Storage.Sealing;

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

    [Fact]
    public async Task Init_ProjectAndRegion_AreTheFirstPrincipals()
    {
        using var folder = new TemporaryFolder();

        var run = await CommandRun.RunAsync(
            ["init", "--store", folder["store.db"], "--master-key", folder["master.key"], "--project", "acme", "--region", "eu-de", "--email", "a@acme.example", "--token-file", folder["token"]]);

        run.ExitCode.ShouldBe(ExitCode.Done, run.Error);
        var keys = await MasterKeyFile.ReadAsync(folder["master.key"], CancellationToken.None);
        await using var store = await Store.OpenAsync(folder["store.db"], keys, TimeProvider.System);
        var project = (await store.Principals.FindProjectAsync("acme", CancellationToken.None)).ShouldNotBeNull();
        project.Region.ShouldBe("eu-de");
        (await store.Principals.ListAsync(project.Id, CancellationToken.None)).ShouldHaveSingleItem().Email.ShouldBe("a@acme.example");
    }

    [Theory]
    [InlineData("--principal", "two words")]
    [InlineData("--project", "")]
    [InlineData("--region", "a/b")]
    [InlineData("--email", "nobody")]
    public async Task Init_NoSuchName_ExitsUsageAndMakesNothing(string option, string value)
    {
        using var folder = new TemporaryFolder();

        var run = await CommandRun.RunAsync(["init", "--store", folder["store.db"], "--master-key", folder["master.key"], option, value]);

        run.ExitCode.ShouldBe(ExitCode.Usage, run.Error);
        folder.Files.ShouldBeEmpty();
    }

    [Fact]
    public async Task Init_StoreCannotBeMade_TakesTheMasterKeyAwayAgain()
    {
        using var folder = new TemporaryFolder();

        var run = await CommandRun.RunAsync(["init", "--store", folder["none/store.db"], "--master-key", folder["master.key"]]);

        run.ExitCode.ShouldBe(ExitCode.Refused);
        folder.Files.ShouldBeEmpty();
    }

    [Fact]
    public async Task Make_PrincipalCannotBeAdded_TakesStoreAndMasterKeyAwayAgain()
    {
        using var folder = new TemporaryFolder();
        var (project, token) = (new Project(Guid.NewGuid(), "a", "b", TimeProvider.System.GetUtcNow()), ApiToken.Generate());
        var stray = new Principal(Guid.NewGuid(), Guid.NewGuid(), "admin", project.CreatedAt);
        var store = new NewStore(folder["store.db"], folder["master.key"], allowAsynchronous: false);

        await Should.ThrowAsync<StoreException>(store.MakeAsync(new FirstOwner(project, stray, token, "test"), CancellationToken.None));

        folder.Files.Select(Path.GetFileName).ShouldBe(["store.db.lock"]);
        await store.MakeAsync(new FirstOwner(project, stray with { ProjectId = project.Id }, token, "test"), CancellationToken.None);
        (await PrincipalOfAsync(folder, token.Reveal())).ShouldBe("admin");
    }

    [Fact]
    public async Task Make_Cancelled_LeavesNothing()
    {
        using var folder = new TemporaryFolder();
        var project = new Project(Guid.NewGuid(), "a", "b", TimeProvider.System.GetUtcNow());
        var principal = new Principal(Guid.NewGuid(), project.Id, "admin", project.CreatedAt);

        await Should.ThrowAsync<OperationCanceledException>(
            new NewStore(folder["store.db"], folder["master.key"], allowAsynchronous: false).MakeAsync(new FirstOwner(project, principal, ApiToken.Generate(), "test"), new CancellationToken(canceled: true)));

        folder.Files.ShouldBeEmpty();
    }

    private static async Task<string?> PrincipalOfAsync(TemporaryFolder folder, string token)
    {
        var keys = await MasterKeyFile.ReadAsync(folder["master.key"], CancellationToken.None);
        await using var store = await Store.OpenAsync(folder["store.db"], keys, TimeProvider.System);
        return (await store.Principals.FindByHashAsync(CredentialKind.Token, ApiToken.Hash(new Secret(token)), CancellationToken.None))?.Principal.Name;
    }
}
