using System.Buffers.Binary;
using Keyturn.Access;
using Keyturn.Passwords;
using Keyturn.Server.Access;
using Keyturn.Storage;
using Keyturn.Storage.Sealing;

namespace Keyturn.Cli.Tests.Commands;

public sealed class StoreCommandTests : IDisposable
{
    /// <summary>Of SQLite's header, big endian (sqlite.org/fileformat2.html).</summary>
    private const int SchemaVersionOffset = 60;

    private readonly TemporaryFolder _folder = new();

    private string StorePath => _folder["store.db"];

    private string KeyPath => _folder["master.key"];

    private string[] Both => ["--store", StorePath, "--master-key", KeyPath];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Check_NewStore_ExitsDoneAndSaysNothingOnTheOutput()
    {
        await InitAsync();

        var run = await RunAsync(["store", "check", .. Both]);

        run.ExitCode.ShouldBe(ExitCode.Done, run.Error);
        run.Out.ShouldBeEmpty();
        run.Error.ShouldContain("Nothing is damaged.");
    }

    [Fact]
    public async Task Check_DamagedFile_ExitsRefusedAndNamesIt()
    {
        await InitAsync();
        var file = await File.ReadAllBytesAsync(StorePath);
        file.AsSpan(3 * 4096, 64).Fill(0xAA);
        await File.WriteAllBytesAsync(StorePath, file);

        var run = await RunAsync(["store", "check", .. Both]);

        run.ExitCode.ShouldBe(ExitCode.Refused);
        run.Out.ShouldContain("file");
        run.Error.ShouldContain("the store is damaged");
    }

    [Theory]
    [InlineData("serve")]
    [InlineData("store check")]
    [InlineData("store backup")]
    public async Task AnyCommand_StoreOfALaterVersion_IsRefusedWithAClearSentence(string command)
    {
        await InitAsync();
        var file = await File.ReadAllBytesAsync(StorePath);
        BinaryPrimitives.WriteInt32BigEndian(file.AsSpan(SchemaVersionOffset), 4711);
        await File.WriteAllBytesAsync(StorePath, file);

        var run = await RunAsync([.. command.Split(' '), .. Both, .. command == "store backup" ? [_folder["backup"]] : Array.Empty<string>()]);

        run.ExitCode.ShouldBe(ExitCode.Refused);
        run.Error.ShouldContain("A later Keyturn has changed this store (schema 4711");
        File.Exists(_folder["backup"]).ShouldBeFalse();
    }

    [Fact]
    public async Task Backup_ThenRestore_MakesAStoreThatServesItsPrincipal()
    {
        await InitAsync();

        var backup = await RunAsync(["store", "backup", _folder["backup"], .. Both]);
        backup.ExitCode.ShouldBe(ExitCode.Done, backup.Error);
        var restore = await RunAsync(["store", "restore", _folder["backup"], "--store", _folder["restored.db"], "--master-key", KeyPath]);

        restore.ExitCode.ShouldBe(ExitCode.Done, restore.Error);
        restore.Error.ShouldContain("must not be started again");
        (await RunAsync(["store", "check", "--store", _folder["restored.db"], "--master-key", KeyPath])).ExitCode.ShouldBe(ExitCode.Done);
    }

    [Fact]
    public async Task Restore_WithoutAMasterKey_ExitsUsageAndMakesNothing()
    {
        await InitAsync();
        await RunAsync(["store", "backup", _folder["backup"], "--store", StorePath]);

        var run = await RunAsync(["store", "restore", _folder["backup"], "--store", _folder["restored.db"]]);

        run.ExitCode.ShouldBe(ExitCode.Usage);
        File.Exists(_folder["restored.db"]).ShouldBeFalse();
    }

    [Fact]
    public async Task Restore_OverTheStore_ExitsRefused()
    {
        await InitAsync();
        await RunAsync(["store", "backup", _folder["backup"], .. Both]);

        (await RunAsync(["store", "restore", _folder["backup"], .. Both])).ExitCode.ShouldBe(ExitCode.Refused);
    }

    [Fact]
    public async Task Migrate_ToAFile_ExitsUsage()
    {
        await InitAsync();

        (await RunAsync(["store", "migrate", "--from", StorePath, "--store", _folder["other.db"], "--master-key", KeyPath])).ExitCode.ShouldBe(ExitCode.Usage);
    }

    [Fact]
    public async Task MasterKey_NewRewrapRetire_MovesTheOldKeyOut()
    {
        await InitAsync();
        var old = (await MasterKeyFile.ReadAsync(KeyPath, CancellationToken.None)).Current.Id;

        (await RunAsync(["store", "new-master-key", "--master-key", KeyPath])).ExitCode.ShouldBe(ExitCode.Done);
        (await RunAsync(["store", "new-master-key", "--master-key", KeyPath])).ExitCode.ShouldBe(ExitCode.Refused);
        (await RunAsync(["store", "retire-master-key", .. Both, "--old-key", _folder["old.key"]])).ExitCode.ShouldBe(ExitCode.Refused);
        (await RunAsync(["store", "rewrap", .. Both])).Error.ShouldContain(": 1.");
        var retired = await RunAsync(["store", "retire-master-key", .. Both, "--old-key", _folder["old.key"]]);

        retired.ExitCode.ShouldBe(ExitCode.Done, retired.Error);
        (await MasterKeyFile.ReadAsync(_folder["old.key"], CancellationToken.None)).Current.Id.ShouldBe(old);
        (await MasterKeyFile.ReadAsync(KeyPath, CancellationToken.None)).Old.ShouldBeNull();
        (await RunAsync(["store", "check", .. Both])).ExitCode.ShouldBe(ExitCode.Done);
        (await RunAsync(["store", "check", "--store", StorePath, "--master-key", _folder["old.key"]])).ExitCode.ShouldBe(ExitCode.Refused);
    }

    [Fact]
    public async Task AddProject_NewName_HandsOutItsOwnersTokenAndIsWrittenDown()
    {
        await InitAsync();

        var run = await RunAsync(["store", "add-project", "second", "--region", "eu-de", "--principal", "ops", "--email", "ops@second.example", .. Both]);

        run.ExitCode.ShouldBe(ExitCode.Done, run.Error);
        await using var store = await Store.OpenAsync(StorePath, await MasterKeyFile.ReadAsync(KeyPath, CancellationToken.None), TimeProvider.System);
        var project = (await store.Principals.FindProjectAsync("second", CancellationToken.None)).ShouldNotBeNull();
        project.Region.ShouldBe("eu-de");
        var known = (await store.Principals.FindByHashAsync(CredentialKind.Token, ApiToken.Hash(new Secret(run.Out.Trim())), CancellationToken.None)).ShouldNotBeNull();
        (known.Principal.Name, known.Principal.ProjectId, known.Principal.IsOwner).ShouldBe(("ops", project.Id, true));
        (await store.Audit.ListAsync(project.Id, 10, CancellationToken.None)).ShouldHaveSingleItem().Entry.Action.ShouldBe("project.add");
    }

    /// <summary>Nothing is left behind: no project without an owner, no file of a token that opens nothing.</summary>
    [Theory]
    [InlineData("default", "b@acme.example", "There is a project default already.")]
    [InlineData("second", "a@acme.example", "Another principal has the e-mail address a@acme.example.")]
    public async Task AddProject_NameOrAddressIsTaken_IsRefusedAndLeavesNothing(string project, string email, string sentence)
    {
        (await RunAsync(["init", .. Both, "--email", "a@acme.example", "--token-file", _folder["token"]])).ExitCode.ShouldBe(ExitCode.Done);

        var run = await RunAsync(["store", "add-project", project, "--email", email, "--token-file", _folder["second-token"], .. Both]);

        (run.ExitCode, run.Out).ShouldBe((ExitCode.Refused, ""));
        run.Error.ShouldContain(sentence);
        _folder.Files.ShouldNotContain(file => file.StartsWith("second-token", StringComparison.Ordinal));
        await using var store = await Store.OpenAsync(StorePath, await MasterKeyFile.ReadAsync(KeyPath, CancellationToken.None), TimeProvider.System);
        (await store.Principals.FindProjectAsync("second", CancellationToken.None)).ShouldBeNull();
    }

    [Theory]
    [InlineData("a/b", new string[0])]
    [InlineData("second", new[] { "--principal", "two words" })]
    public async Task AddProject_WhatIsNoName_ExitsUsage(string project, string[] more)
    {
        await InitAsync();

        (await RunAsync(["store", "add-project", project, .. Both, .. more])).ExitCode.ShouldBe(ExitCode.Usage);
    }

    [Fact]
    public async Task RotateKey_StaysOpen()
    {
        await InitAsync();

        (await RunAsync(["store", "rotate-key", .. Both])).Error.ShouldContain("data key 2");
        (await RunAsync(["store", "check", .. Both])).ExitCode.ShouldBe(ExitCode.Done);
    }

    [Theory]
    [InlineData("--keep-versions", "0")]
    [InlineData("--keep-resets", "29")]
    public async Task Serve_KeepsTooLittle_ExitsUsage(string option, string value)
    {
        await InitAsync();

        (await RunAsync(["serve", .. Both, option, value])).ExitCode.ShouldBe(ExitCode.Usage);
    }

    private static Task<CommandRun> RunAsync(string[] arguments) => CommandRun.RunAsync(arguments);

    private async Task InitAsync() =>
        (await RunAsync(["init", .. Both, "--token-file", _folder["token"]])).ExitCode.ShouldBe(ExitCode.Done);
}
