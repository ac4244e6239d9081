using System.Globalization;
using System.Reflection;

namespace Keyturn.Storage.Sqlite;

/// <summary>The schema's versions: numbered scripts that are part of the program, each run once, in one transaction with its number.</summary>
internal static class Migrations
{
    private const string Folder = "Sqlite/Migrations/";

    private static readonly Assembly Program = typeof(Migrations).Assembly;

    /// <summary>The newest version, which this program writes.</summary>
    public static int Newest { get; } = Scripts()[^1].Number;

    /// <summary>The file's version; 0 for an empty one.</summary>
    public static long VersionOf(SqliteSession session) => session.FirstNumber("PRAGMA user_version") ?? 0;

    /// <summary>Brings the schema to this program's version.</summary>
    /// <exception cref="StoreException">A later Keyturn has changed it.</exception>
    public static void Apply(SqliteSession session)
    {
        RefuseNewer(session);
        var version = VersionOf(session);
        foreach (var (number, resource) in Scripts().Where(script => script.Number > version))
        {
            session.ExecuteScript($"BEGIN IMMEDIATE; {Read(resource)}; PRAGMA user_version = {number}; PRAGMA application_id = {(int)FileMark.Store}; COMMIT;");
        }
    }

    /// <summary>A schema that this program does not know it neither reads nor writes.</summary>
    /// <exception cref="StoreException"><see cref="StoreFault.SchemaNewer"/>.</exception>
    public static void RefuseNewer(SqliteSession session)
    {
        if (VersionOf(session) is var version && version > Newest)
        {
            throw new StoreException(StoreFault.SchemaNewer, $"A later Keyturn has changed this store (schema {version}, this program knows {Newest}): run that one, or restore a backup.");
        }
    }

    private static List<(int Number, string Resource)> Scripts() =>
    [
        .. Program.GetManifestResourceNames()
            .Where(name => name.StartsWith(Folder, StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)
            .Select(name => (int.Parse(name.AsSpan(Folder.Length, 4), CultureInfo.InvariantCulture), name)),
    ];

    private static string Read(string resource)
    {
        using var reader = new StreamReader(Program.GetManifestResourceStream(resource)!);
        return reader.ReadToEnd();
    }
}
