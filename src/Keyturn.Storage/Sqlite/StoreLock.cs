namespace Keyturn.Storage.Sqlite;

/// <summary>
/// One process a store. The lock is the operating system's (flock), so that it ends with the process, however that ends: who holds it
/// knows that the process before is dead.
/// </summary>
internal sealed class StoreLock : IDisposable
{
    private readonly FileStream _file;
    private readonly string _pidPath;

    private StoreLock(FileStream file, string pidPath) => (_file, _pidPath) = (file, pidPath);

    /// <summary>Locks <c>store.lock</c> beside the store, and writes the process id to <c>store.pid</c>, which a refused process reads.</summary>
    /// <exception cref="StoreException"><see cref="StoreFault.InUse"/>, or the folder cannot be written or locked.</exception>
    public static StoreLock Take(string storePath)
    {
        var target = File.Exists(storePath) ? File.ResolveLinkTarget(storePath, returnFinalTarget: true) : null;
        var path = Path.GetFullPath(target?.FullName ?? storePath);
        var (lockPath, pidPath) = (path + ".lock", path + ".pid");
        var file = TryLock(lockPath) ?? throw new StoreException(StoreFault.InUse, $"Another keyturn process (pid {ReadPid(pidPath)}) uses this store: {path}");
        try
        {
            RefuseUnlockable(lockPath);
            WritePid(pidPath);
            return new StoreLock(file, pidPath);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        try
        {
            File.Delete(_pidPath);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The folder can no longer be written, which whoever could not write has said already. The number is for people; the lock is what counts.
        }

        _file.Dispose();
    }

    private static FileStream? TryLock(string path)
    {
        OwnerOnlyFile.Create(path);
        try
        {
            return new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e) when (e is not (FileNotFoundException or DirectoryNotFoundException))
        {
            return null;
        }
    }

    /// <summary>
    /// .NET overlooks every error of flock but "locked", and an environment variable switches it off. A lock that does not hold a second
    /// open out, of this very process, would hold nobody out.
    /// </summary>
    private static void RefuseUnlockable(string path)
    {
        using var second = TryLock(path);
        if (second is not null)
        {
            throw new StoreException(StoreFault.Io, $"Files cannot be locked here (file system, or DOTNET_SYSTEM_IO_DISABLEFILELOCKING): {path}");
        }
    }

    private static void WritePid(string path)
    {
        OwnerOnlyFile.Create(path);
        try
        {
            File.WriteAllText(path, $"{Environment.ProcessId}\n");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StoreException(StoreFault.ReadOnly, $"{path} cannot be written: {e.Message}", e);
        }
    }

    private static string ReadPid(string path)
    {
        try
        {
            return File.ReadAllText(path).Trim();
        }
        catch (IOException)
        {
            // It is just starting, or is a lock of something else.
            return "unknown";
        }
    }
}
