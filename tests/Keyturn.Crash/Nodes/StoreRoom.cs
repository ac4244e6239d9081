using System.Diagnostics;
using Keyturn.Crash.Lab;

namespace Keyturn.Crash.Nodes;

/// <summary>The room that a store has on its disk, which can be taken from it and given back.</summary>
internal sealed class StoreRoom : IAsyncDisposable
{
    private const int Megabytes = 48;
    private readonly bool _isMounted;

    private StoreRoom(string folder, bool isMounted) => (Folder, _isMounted) = (folder, isMounted);

    public string Folder { get; }

    /// <summary>A file system that is really full where one may be mounted; else a limit on the size of files, which ends writes in the same place.</summary>
    public string Kind => _isMounted ? "a full file system" : "a limit on the size of files";

    /// <summary>A process that writes past its limit is sent a signal, which would end it.</summary>
    public IReadOnlyList<string> Before => _isMounted ? [] : ["sh", "-c", "trap '' XFSZ; exec \"$@\"", "sh"];

    private string Ballast => Path.Combine(Folder, "ballast");

    public static async Task<StoreRoom> MakeAsync(string folder)
    {
        Directory.CreateDirectory(folder);
        var error = Environment.IsPrivilegedProcess ? await Command.TryAsync("mount", ["-t", "tmpfs", "-o", $"size={Megabytes}m", "keyturn-crash", folder]) : "not root";
        var room = new StoreRoom(folder, isMounted: error is null);
        if (error is null)
        {
            AtExit.Do(room, () => Process.Start("umount", ["--lazy", folder]).WaitForExit());
        }

        return room;
    }

    /// <summary>No byte more.</summary>
    public async Task FillAsync(int pid)
    {
        if (!_isMounted)
        {
            // SQLite writes its log anew from the start, so that any larger limit could leave room.
            await Command.RunAsync("prlimit", ["--pid", $"{pid}", "--fsize=0:unlimited"]);
            return;
        }

        await using var ballast = new FileStream(Ballast, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
        foreach (var size in (int[])[1 << 20, 4096])
        {
            try
            {
                while (true)
                {
                    await ballast.WriteAsync(new byte[size]);
                }
            }
            catch (IOException)
            {
                // Full, as it is to be.
            }
        }
    }

    public async Task FreeAsync(int pid)
    {
        if (_isMounted)
        {
            File.Delete(Ballast);
        }
        else if (pid != 0)
        {
            await Command.RunAsync("prlimit", ["--pid", $"{pid}", "--fsize=unlimited:unlimited"]);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_isMounted)
        {
            AtExit.Forget(this);
            await Command.RunAsync("umount", [Folder]);
        }
    }
}
