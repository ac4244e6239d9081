using System.Diagnostics;
using Keyturn.Storage.Sealing;
using Keyturn.Storage.Sqlite;

namespace Keyturn.Storage.Tests.Sqlite;

/// <summary>Making, opening and refusing stores.</summary>
public sealed class SqliteStoreTests : IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly TempFolder _folder = new();
    private readonly ManualClock _clock = new();
    private readonly MasterKeys _keys = new(MasterKey.Generate());

    private string Path => _folder.File("keyturn.db");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Create_NewStore_AllFilesAreTheOwnersOnly()
    {
        await using var store = await CreateAsync();
        await store.Principals.AddProjectAsync(new Access.Project(Guid.NewGuid(), "a", "b", _clock.Now), default);

        var files = _folder.Files().ToList();

        files.Select(file => file[Path.Length..]).Order().ShouldBe(["", "-shm", "-wal", ".lock", ".pid"]);
        files.ShouldAllBe(file => File.GetUnixFileMode(file) == OwnerOnly);
    }

    [Fact]
    public async Task Dispose_ItsOtherFilesCanNoLongerBeDeleted_LetsGoOfTheStore()
    {
        var store = await CreateAsync();
        File.Delete(Path + ".pid");
        Directory.CreateDirectory(Path + ".pid");

        await Should.NotThrowAsync(async () => await store.DisposeAsync());

        Directory.Delete(Path + ".pid");
        await using var again = await OpenAsync();
    }

    [Fact]
    public async Task Open_ItsNumberCannotBeWritten_IsRefusedWithASentence()
    {
        await (await CreateAsync()).DisposeAsync();
        Directory.CreateDirectory(Path + ".pid");

        (await FaultOf(OpenAsync())).ShouldBe(StoreFault.ReadOnly);
    }

    [Fact]
    public async Task Open_ModeWasWidened_IsTightened()
    {
        await (await CreateAsync()).DisposeAsync();
        File.SetUnixFileMode(Path, OwnerOnly | UnixFileMode.GroupRead | UnixFileMode.OtherRead);

        await using var store = await OpenAsync();

        File.GetUnixFileMode(Path).ShouldBe(OwnerOnly);
    }

    [Fact]
    public async Task Create_StoreExists_IsRefusedAndLeavesIt()
    {
        await (await CreateAsync()).DisposeAsync();

        (await FaultOf(CreateAsync())).ShouldBe(StoreFault.Exists);
        await using var store = await OpenAsync();
    }

    [Fact]
    public async Task Create_FirstAttemptDiedHalfway_Succeeds()
    {
        // Dead after the schema and before the store's own row.
        await File.WriteAllBytesAsync(Path, []);
        using (var session = SqliteSession.OpenWriter(Path, _clock))
        {
            SqliteLibrary.Use();
            Migrations.Apply(session);
        }

        (await FaultOf(OpenAsync())).ShouldBe(StoreFault.Missing);
        await using var store = await CreateAsync();
    }

    [Fact]
    public async Task Open_Absent_IsRefusedAndMakesNothing()
    {
        (await FaultOf(OpenAsync())).ShouldBe(StoreFault.Missing);
        _folder.Files().ShouldBeEmpty();
    }

    [Fact]
    public async Task Create_NoSuchFolder_IsRefused() =>
        (await FaultOf(Store.CreateAsync(_folder.File("none/keyturn.db"), _keys, _clock))).ShouldBe(StoreFault.ReadOnly);

    [Fact]
    public async Task Open_WhileOpen_IsRefusedWithTheOthersPid()
    {
        await using var store = await CreateAsync();

        var error = await Should.ThrowAsync<StoreException>(OpenAsync());

        error.Fault.ShouldBe(StoreFault.InUse);
        error.Message.ShouldContain($"(pid {Environment.ProcessId})");
    }

    [Fact]
    public async Task Open_ThroughALinkWhileOpen_IsRefused()
    {
        await using var store = await CreateAsync();
        File.CreateSymbolicLink(_folder.File("other.db"), Path);

        (await FaultOf(Store.OpenAsync(_folder.File("other.db"), _keys, _clock))).ShouldBe(StoreFault.InUse);
    }

    [Fact]
    public async Task Open_LockedByAnotherProcess_IsRefusedUntilThatIsKilled()
    {
        await (await CreateAsync()).DisposeAsync();
        using var other = Flock($"{Path}.lock", "echo locked; exec sleep 60");
        (await other.StandardOutput.ReadLineAsync()).ShouldBe("locked");

        (await FaultOf(OpenAsync())).ShouldBe(StoreFault.InUse);

        other.Kill(entireProcessTree: true);
        await other.WaitForExitAsync();

        // flock's child holds the lock too, and nobody tells when that one has died.
        await using var store = await OpenOnceFreeAsync();
    }

    private async Task<Store> OpenOnceFreeAsync()
    {
        for (var tries = 0; ; tries++)
        {
            try
            {
                return await OpenAsync();
            }
            catch (StoreException inUse) when (inUse.Fault == StoreFault.InUse && tries < 100)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System);
            }
        }
    }

    [Fact]
    public async Task Open_Opened_KeepsAnotherProcessOut()
    {
        await using var store = await CreateAsync();

        using var other = Flock($"{Path}.lock", "true");
        await other.WaitForExitAsync();

        other.ExitCode.ShouldBe(1);
    }

    [Fact]
    public async Task Open_OtherMasterKey_IsRefusedNamingBoth()
    {
        await (await CreateAsync()).DisposeAsync();
        var wrong = new MasterKeys(MasterKey.Generate());

        var error = await Should.ThrowAsync<StoreException>(Store.OpenAsync(Path, wrong, _clock));

        error.Fault.ShouldBe(StoreFault.MasterKey);
        error.Message.ShouldContain(wrong.Current.Id);
        error.Message.ShouldContain(_keys.Current.Id);
    }

    [Fact]
    public async Task Open_StoresKeyLoadedAsTheOldOne_Opens()
    {
        await (await CreateAsync()).DisposeAsync();

        await using var store = await Store.OpenAsync(Path, new MasterKeys(MasterKey.Generate(), _keys.Current), _clock);
    }

    [Fact]
    public async Task Open_DataKeyAltered_IsRefused()
    {
        await (await CreateAsync()).DisposeAsync();
        Alter("UPDATE data_keys SET wrapped = zeroblob(60)");

        (await FaultOf(OpenAsync())).ShouldBe(StoreFault.Seal);
    }

    [Fact]
    public async Task Open_RefusedOnce_LetsGoOfTheLock()
    {
        await (await CreateAsync()).DisposeAsync();
        (await FaultOf(Store.OpenAsync(Path, new MasterKeys(MasterKey.Generate()), _clock))).ShouldBe(StoreFault.MasterKey);

        await using var store = await OpenAsync();
    }

    [Fact]
    public async Task Open_LaterSchema_IsRefused()
    {
        await (await CreateAsync()).DisposeAsync();
        Alter("PRAGMA user_version = 999");

        var error = await Should.ThrowAsync<StoreException>(OpenAsync());

        error.Fault.ShouldBe(StoreFault.SchemaNewer);
        error.Message.ShouldContain("schema 999");
    }

    [Fact]
    public async Task Open_AnotherProgramsDatabase_IsRefusedAndNotTouched()
    {
        await File.WriteAllBytesAsync(Path, []);
        Alter("CREATE TABLE t (x)");
        var before = await File.ReadAllBytesAsync(Path);

        (await FaultOf(OpenAsync())).ShouldBe(StoreFault.Corrupt);
        (await File.ReadAllBytesAsync(Path)).ShouldBe(before);
    }

    [Fact]
    public async Task Open_NoDatabaseAtAll_IsRefused()
    {
        await File.WriteAllTextAsync(Path, new string('x', 8192));

        (await FaultOf(OpenAsync())).ShouldBe(StoreFault.Corrupt);
    }

    [Fact]
    public async Task Dispose_Closed_LeavesOneFileAndTheLock()
    {
        await (await CreateAsync()).DisposeAsync();

        _folder.Files().Select(file => file[Path.Length..]).Order().ShouldBe(["", ".lock"]);
    }

    [Fact]
    public async Task Write_AfterDispose_IsRefused()
    {
        var store = await CreateAsync();
        await store.DisposeAsync();

        await Should.ThrowAsync<ObjectDisposedException>(() => store.Audit.AppendAsync(null!, default).AsTask());
    }

    [Fact]
    public void FindLibrary_None_SaysWhatToInstall()
    {
        var error = Should.Throw<StoreException>(() => SqliteLibrary.Find("libnosuchsqlite.so"));

        error.Fault.ShouldBe(StoreFault.LibraryMissing);
        error.Message.ShouldContain("apt install libsqlite3-0");
    }

    private static Process Flock(string path, string command) => Process.Start(new ProcessStartInfo("flock", ["-n", "-x", path, "sh", "-c", command])
    {
        RedirectStandardOutput = true,
        UseShellExecute = false,
    })!;

    private static async Task<StoreFault> FaultOf(Task task) => (await Should.ThrowAsync<StoreException>(task)).Fault;

    private Task<Store> CreateAsync() => Store.CreateAsync(Path, _keys, _clock);

    private Task<Store> OpenAsync() => Store.OpenAsync(Path, _keys, _clock);

    private void Alter(string sql)
    {
        SqliteLibrary.Use();
        using var session = SqliteSession.OpenWriter(Path, _clock);
        session.ExecuteScript(sql);
    }
}
