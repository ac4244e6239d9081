namespace Keyturn.Storage.Sqlite;

/// <summary>Files that nobody but their owner reads or writes (0600).</summary>
internal static class OwnerOnlyFile
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Creates the file where there is none, and takes others' rights away where there is one. SQLite gives its log the same mode.</summary>
    /// <exception cref="StoreException"><see cref="StoreFault.ReadOnly"/>.</exception>
    public static void Create(string path)
    {
        try
        {
            if (OperatingSystem.IsWindows())
            {
                using var created = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite);
            }
            else if (File.Exists(path))
            {
                Tighten(path);
            }
            else
            {
                using var created = new FileStream(path, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = OwnerOnly });
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StoreException(StoreFault.ReadOnly, $"{path} cannot be written: {e.Message}", e);
        }
    }

    private static void Tighten(string path)
    {
        if (!OperatingSystem.IsWindows() && File.GetUnixFileMode(path) != OwnerOnly)
        {
            File.SetUnixFileMode(path, OwnerOnly);
        }
    }
}
