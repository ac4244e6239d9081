using System.Runtime.InteropServices;
using SQLitePCL;

namespace Keyturn.Storage.Sqlite;

/// <summary>The operating system's SQLite, which is patched with the system; none is bundled.</summary>
internal static class SqliteLibrary
{
    /// <summary>3.39, the first with IS NOT DISTINCT FROM.</summary>
    private const int OldestVersion = 3_039_000;

    private static readonly Lazy<nint> Handle = new(Load);

    /// <summary>Before the first connection; later calls do nothing.</summary>
    /// <exception cref="StoreException"><see cref="StoreFault.LibraryMissing"/>.</exception>
    public static void Use() => _ = Handle.Value;

    internal static nint Find(params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            if (NativeLibrary.TryLoad(name, out var handle))
            {
                return handle;
            }
        }

        throw new StoreException(
            StoreFault.LibraryMissing,
            $"The system has no SQLite library ({string.Join(", ", names!)}): install it (Debian and Ubuntu: apt install libsqlite3-0; Alpine: apk add sqlite-libs).");
    }

    private static nint Load()
    {
        var handle = OperatingSystem.IsWindows() ? Find("winsqlite3.dll")
            : OperatingSystem.IsMacOS() ? Find("libsqlite3.dylib")
            : Find("libsqlite3.so.0", "libsqlite3.so");
        NativeLibrary.SetDllImportResolver(typeof(SQLite3Provider_e_sqlite3).Assembly, (name, _, _) => name == "e_sqlite3" ? handle : 0);
        raw.SetProvider(new SQLite3Provider_e_sqlite3());
        TakeLocksAway();
        return raw.sqlite3_libversion_number() >= OldestVersion
            ? handle
            : throw new StoreException(StoreFault.LibraryMissing, $"The system's SQLite is {raw.sqlite3_libversion().utf8_to_string()}; Keyturn needs 3.39 or later.");
    }

    /// <summary>
    /// Each of our connections is used by one thread at a time, so that it needs no lock of its own; and counting bytes takes one lock of the
    /// whole process at each allocation, where readers and the writer wait for each other. A library that is configured already stays as it is.
    /// </summary>
    private static void TakeLocksAway()
    {
        _ = raw.sqlite3_config(raw.SQLITE_CONFIG_MULTITHREAD);
        _ = raw.sqlite3_config(raw.SQLITE_CONFIG_MEMSTATUS, 0);
    }
}
