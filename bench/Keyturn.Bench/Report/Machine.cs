using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Keyturn.Bench;

/// <summary>Where and with what was measured.</summary>
internal sealed record Machine(
    DateTimeOffset Time, string Commit, string Processor, int Cores, long MemoryMb, string System, string FileSystem, int SyncsPerSecond, string Runtime)
{
    private const int RecordLength = 4096;

    /// <param name="commit">The source that was built.</param>
    /// <param name="folder">Where the stores are.</param>
    public static Machine Look(string commit, string folder) => new(
        TimeProvider.System.GetUtcNow(),
        commit,
        Field("/proc/cpuinfo", "model name") ?? RuntimeInformation.ProcessArchitecture.ToString(),
        Environment.ProcessorCount,
        GC.GetGCMemoryInfo().TotalAvailableMemoryBytes >> 20,
        $"{RuntimeInformation.OSDescription}, kernel {Environment.OSVersion.Version}",
        new DriveInfo(folder).DriveFormat,
        MeasureSyncs(folder),
        RuntimeInformation.FrameworkDescription);

    private static string? Field(string file, string name) =>
        File.Exists(file) ? File.ReadLines(file).FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal))?.Split(':', 2)[1].Trim() : null;

    /// <summary>How many records of a page one writer can put on the disk in a second, each synced before the next.</summary>
    private static int MeasureSyncs(string folder)
    {
        var path = Path.Combine(folder, "syncs");
        using var file = new FileStream(path, new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, BufferSize = 0, Options = FileOptions.DeleteOnClose });
        var record = new byte[RecordLength];
        var watch = Stopwatch.StartNew();
        var count = 0;
        for (; watch.ElapsedMilliseconds < 1000; count++)
        {
            file.Write(record);
            file.Flush(flushToDisk: true);
        }

        return count;
    }
}
