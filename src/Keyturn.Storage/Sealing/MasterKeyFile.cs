namespace Keyturn.Storage.Sealing;

/// <summary>
/// A master key in a file that only its owner can read: one line of base64. While a store is re-wrapped there are two lines, the new key
/// and the old one, so that a server finds both where it was told to look for one.
/// </summary>
public static class MasterKeyFile
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private const UnixFileMode Others =
        UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute
        | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    /// <summary>Far more than two keys have; what has no end (a device) is not read to it, and what was read of it is no key.</summary>
    private const int MaxLength = 4096;

    /// <summary>
    /// Makes a new key for a store that is not there yet. Overwrites nothing, and makes no key beside a store that exists: its data keys
    /// open with the key they were wrapped by, and with no other.
    /// </summary>
    /// <exception cref="StoreException"><see cref="StoreFault.Exists"/>, or the file cannot be written.</exception>
    public static async Task<MasterKey> CreateAsync(string path, string? storePath, CancellationToken cancel)
    {
        if (File.Exists(storePath))
        {
            throw new StoreException(StoreFault.Exists, $"There is a store at {storePath}: bring the master key it was made with, a new one cannot open it.");
        }

        var key = MasterKey.Generate();
        try
        {
            await WriteAsync(path, [key], cancel);
        }
        catch (IOException) when (File.Exists(path))
        {
            throw new StoreException(StoreFault.Exists, $"There is a file at {path}: a master key is never overwritten.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StoreException(StoreFault.MasterKey, $"The master key file {path} cannot be written: {e.Message}", e);
        }

        return key;
    }

    /// <summary>Reads the key, or both.</summary>
    /// <exception cref="StoreException"><see cref="StoreFault.MasterKey"/>: the file is absent, holds no key, or others than its owner may use it.</exception>
    public static async Task<MasterKeys> ReadAsync(string path, CancellationToken cancel)
    {
        try
        {
            await using var file = new FileStream(path, FileMode.Open, FileAccess.Read);
            RefuseSharedFile(file);
            using var reader = new StreamReader(file);
            var text = new char[MaxLength];
            return MasterKeys.Parse(new string(text, 0, await reader.ReadBlockAsync(text, cancel)));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StoreException(StoreFault.MasterKey, $"The master key file {path} cannot be read: {e.Message}", e);
        }
    }

    /// <summary>Puts a new key before the one that the file holds, which stays as the old one. Changes no store.</summary>
    /// <exception cref="StoreException"><see cref="StoreFault.MasterKey"/>: the file holds two keys already, or cannot be read or written.</exception>
    public static async Task<MasterKeys> AddAsync(string path, CancellationToken cancel)
    {
        var present = await ReadAsync(path, cancel);
        if (present.Old is not null)
        {
            throw new StoreException(StoreFault.MasterKey, $"{path} holds a new key and an old one already: rewrap the store, and retire the old one, before another is made.");
        }

        var keys = new MasterKeys(MasterKey.Generate(), present.Current);
        await ReplaceAsync(path, keys, cancel);
        return keys;
    }

    /// <summary>Moves the old key from the file to one of its own: backups that were made before still need it.</summary>
    /// <exception cref="StoreException"><see cref="StoreFault.MasterKey"/>: the file holds no old key, or one of them cannot be written.</exception>
    public static async Task<MasterKey> RetireAsync(string path, string oldPath, CancellationToken cancel)
    {
        var keys = await ReadAsync(path, cancel);
        var old = keys.Old ?? throw new StoreException(StoreFault.MasterKey, $"{path} holds one key only.");
        try
        {
            await WriteAsync(oldPath, [old], cancel);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StoreException(StoreFault.MasterKey, $"The old key cannot be written to {oldPath}: {e.Message}", e);
        }

        await ReplaceAsync(path, new MasterKeys(keys.Current), cancel);
        return old;
    }

    /// <summary>Whoever reads the file meanwhile, or after a power cut, finds what was there before or what is there now.</summary>
    private static async Task ReplaceAsync(string path, MasterKeys keys, CancellationToken cancel)
    {
        var draft = $"{path}.{Guid.NewGuid():N}";
        try
        {
            await WriteAsync(draft, [keys.Current, .. keys.Old is { } old ? new[] { old } : []], cancel);
            File.Move(draft, path, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StoreException(StoreFault.MasterKey, $"The master key file {path} cannot be written: {e.Message}", e);
        }
    }

    private static async Task WriteAsync(string path, IReadOnlyList<MasterKey> keys, CancellationToken cancel)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = OwnerOnly;
        }

        await using var file = new FileStream(path, options);
        try
        {
            await using var writer = new StreamWriter(file, leaveOpen: true);
            foreach (var key in keys)
            {
                await writer.WriteLineAsync(key.ToBase64().AsMemory(), cancel);
            }

            await writer.FlushAsync(cancel);

            // A store sealed by a key that a power cut took away would be lost.
            file.Flush(flushToDisk: true);
        }
        catch
        {
            // Half a key is in the way of the next attempt.
            File.Delete(path);
            throw;
        }
    }

    private static void RefuseSharedFile(FileStream file)
    {
        // Asked of the open file, not of the path: what is read is what was looked at, also behind a symbolic link.
        if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(file.SafeFileHandle) & Others) != UnixFileMode.None)
        {
            throw new StoreException(StoreFault.MasterKey, $"Others than its owner may use the master key file {file.Name}: chmod 600 it.");
        }
    }
}
