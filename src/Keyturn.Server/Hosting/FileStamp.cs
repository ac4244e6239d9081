namespace Keyturn.Server.Hosting;

/// <summary>What a file shows without being read, to see that it has changed. A file that is not there, or not named, never changes.</summary>
internal readonly record struct FileStamp(DateTime WrittenAt, long Length)
{
    public static FileStamp Of(string? path)
    {
        var file = path is null ? null : new FileInfo(path);
        return file is { Exists: true } ? new FileStamp(file.LastWriteTimeUtc, file.Length) : default;
    }
}
