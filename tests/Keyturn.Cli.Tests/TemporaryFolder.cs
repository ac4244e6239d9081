namespace Keyturn.Cli.Tests;

/// <summary>A folder of the test's own, gone after it.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("keyturn-cli-");

    public string this[string name] => Path.Combine(_folder.FullName, name);

    public IEnumerable<string> Files => _folder.GetFiles().Select(file => file.Name);

    public void Dispose() => _folder.Delete(recursive: true);
}
