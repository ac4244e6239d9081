using System.Runtime.InteropServices;

namespace Keyturn.Server.Hosting;

/// <summary>
/// Keeps the process's memory, in which passwords are, out of files: the kernel writes no core of it, and nobody but root with CAP_SYS_PTRACE may attach to it, which is
/// how <c>createdump</c>, gdb and gcore read memory. On Linux; elsewhere nothing is done.
/// </summary>
internal static partial class CoreDumps
{
    private const int SetDumpable = 4;
    private const int DropCapability = 24;
    private const int CapabilityToTrace = 19;
    private const int CoreSize = 4;

    /// <summary>Forbids them until the process ends.</summary>
    /// <exception cref="IOException">The system does not let it.</exception>
    public static void Forbid()
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        var none = default(Limit);
        Expect(SetLimit(CoreSize, in none), "RLIMIT_CORE");
        Expect(Control(SetDumpable, 0, 0, 0, 0), "PR_SET_DUMPABLE");

        // Where the server runs as root: else the createdump that the runtime starts when it crashes could attach. Others have nothing to drop (EPERM).
        _ = Control(DropCapability, CapabilityToTrace, 0, 0, 0);
    }

    private static void Expect(int answer, string what)
    {
        if (answer != 0)
        {
            throw new IOException($"Core dumps, which hold passwords, cannot be forbidden ({what}: {Marshal.GetLastPInvokeErrorMessage()}). Allow them with --allow-core-dumps.");
        }
    }

    [LibraryImport("libc", EntryPoint = "prctl", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Control(int option, nuint first, nuint second, nuint third, nuint fourth);

    [LibraryImport("libc", EntryPoint = "setrlimit", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SetLimit(int resource, in Limit limit);

    /// <summary><c>struct rlimit</c></summary>
    [StructLayout(LayoutKind.Sequential)]
    private readonly record struct Limit(nuint Soft, nuint Hard);
}
