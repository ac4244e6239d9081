namespace Keyturn.Storage.Tests;

/// <summary>A folder of its own for each test, gone afterwards.</summary>
internal sealed class TempFolder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("keyturn-store-");

    public string File(string name) => Path.Combine(_folder.FullName, name);

    public IEnumerable<string> Files() => _folder.EnumerateFiles().Select(file => file.FullName);

    public void Dispose() => _folder.Delete(recursive: true);
}
