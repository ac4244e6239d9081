using Keyturn.Storage.Sealing;

namespace Keyturn.Storage.Tests.Sealing;

public sealed class MasterKeyTests : IDisposable
{
    private const string Base64 = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

    private readonly TempFolder _folder = new();

    private string KeyPath => _folder.File("master.key");

    private string StorePath => _folder.File("keyturn.db");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Parse_SameText_HasTheSameId() => MasterKey.Parse($" {Base64}\n").Id.ShouldBe(MasterKey.Parse(Base64).Id);

    [Fact]
    public void ToString_Key_ShowsTheIdOnly()
    {
        var key = MasterKey.Parse(Base64);

        key.ToString().ShouldBe(key.Id);
        key.Id.Length.ShouldBe(16);
        new MasterKeys(key).ToString().ShouldNotContain(Base64);
    }

    [Theory]
    [InlineData("")]
    [InlineData("AAECAwQFBgcICQoLDA0ODw==")]
    [InlineData("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8g")]
    [InlineData("not base64 at all, and then some more characters")]
    public void Parse_NotThirtyTwoBytes_IsRefusedWithoutEchoingIt(string text)
    {
        var error = Should.Throw<StoreException>(() => MasterKey.Parse(text));

        error.Fault.ShouldBe(StoreFault.MasterKey);
        error.Message.ShouldBe("The master key is not 32 bytes in base64.");
    }

    [Fact]
    public void FromEnvironment_SetAndUnset_ReadsIt()
    {
        MasterKeys.FromEnvironment().ShouldBeNull();
        Environment.SetEnvironmentVariable(MasterKey.EnvironmentVariable, Base64);
        try
        {
            MasterKeys.FromEnvironment()!.Current.Id.ShouldBe(MasterKey.Parse(Base64).Id);
        }
        finally
        {
            Environment.SetEnvironmentVariable(MasterKey.EnvironmentVariable, null);
        }
    }

    [Fact]
    public async Task CreateFile_NoStore_IsReadableByItsOwnerOnly()
    {
        var key = await MasterKeyFile.CreateAsync(KeyPath, StorePath, default);

        File.GetUnixFileMode(KeyPath).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        (await MasterKeyFile.ReadAsync(KeyPath, default)).Current.Id.ShouldBe(key.Id);
    }

    [Fact]
    public async Task CreateFile_FileExists_IsNotOverwritten()
    {
        await File.WriteAllTextAsync(KeyPath, "something");

        (await FaultOf(MasterKeyFile.CreateAsync(KeyPath, StorePath, default))).ShouldBe(StoreFault.Exists);
        (await File.ReadAllTextAsync(KeyPath)).ShouldBe("something");
    }

    [Fact]
    public async Task CreateFile_StoreExists_MakesNoKey()
    {
        await File.WriteAllTextAsync(StorePath, "");

        (await FaultOf(MasterKeyFile.CreateAsync(KeyPath, StorePath, default))).ShouldBe(StoreFault.Exists);
        File.Exists(KeyPath).ShouldBeFalse();
    }

    [Theory]
    [InlineData(UnixFileMode.GroupRead)]
    [InlineData(UnixFileMode.OtherRead)]
    [InlineData(UnixFileMode.GroupWrite)]
    public async Task ReadFile_OthersMayUseIt_IsRefused(UnixFileMode others)
    {
        await MasterKeyFile.CreateAsync(KeyPath, StorePath, default);
        File.SetUnixFileMode(KeyPath, UnixFileMode.UserRead | others);

        (await FaultOf(MasterKeyFile.ReadAsync(KeyPath, default))).ShouldBe(StoreFault.MasterKey);
    }

    [Fact]
    public async Task ReadFile_LinkToASharedFile_IsRefused()
    {
        await File.WriteAllTextAsync(_folder.File("shared.key"), Base64);
        File.SetUnixFileMode(_folder.File("shared.key"), UnixFileMode.UserRead | UnixFileMode.OtherRead);
        File.CreateSymbolicLink(KeyPath, _folder.File("shared.key"));

        (await FaultOf(MasterKeyFile.ReadAsync(KeyPath, default))).ShouldBe(StoreFault.MasterKey);
    }

    /// <summary>The wrong file may be of any length.</summary>
    [Fact]
    public async Task ReadFile_HugeFile_IsRefusedWithoutReadingIt()
    {
        await MasterKeyFile.CreateAsync(KeyPath, StorePath, default);
        await using (var file = new FileStream(KeyPath, FileMode.Open, FileAccess.Write))
        {
            file.SetLength(8L << 30); // of which only the first page is there
        }

        (await FaultOf(MasterKeyFile.ReadAsync(KeyPath, default))).ShouldBe(StoreFault.MasterKey);
    }

    [Fact]
    public async Task ReadFile_Absent_IsRefused() => (await FaultOf(MasterKeyFile.ReadAsync(KeyPath, default))).ShouldBe(StoreFault.MasterKey);

    private static async Task<StoreFault> FaultOf(Task task) => (await Should.ThrowAsync<StoreException>(task)).Fault;
}
