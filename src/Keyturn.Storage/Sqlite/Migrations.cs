using System.Globalization;
using System.Reflection;

namespace Keyturn.Storage.Sqlite;

/// <summary>The schema's versions: numbered scripts that are part of the program, each run once, in one transaction with its number.</summary>
internal static class Migrations
{
    /// <summary><c>KTRN</c>: marks the file as a Keyturn store (sqlite.org/pragma.html#pragma_application_id).</summary>
    private const int ApplicationId = 0x4B54524E;

    private const string Folder = "Sqlite/Migrations/";

    private static readonly Assembly Program = typeof(Migrations).Assembly;

    /// <summary>Before anything is written to a file that may be somebody else's.</summary>
    /// <exception cref="StoreException">It is another program's.</exception>
    public static void RefuseForeign(SqliteSession session, string path)
    {
        if (session.FirstNumber("PRAGMA application_id") != ApplicationId && session.Any("SELECT 1 FROM sqlite_schema"))
        {
            throw new StoreException(StoreFault.Corrupt, $"{path} is another program's database.");
        }
    }

    /// <summary>Brings the schema to this program's version.</summary>
    /// <exception cref="StoreException">A later Keyturn has changed it.</exception>
    public static void Apply(SqliteSession session)
    {
        var version = session.FirstNumber("PRAGMA user_version") ?? 0;
        var scripts = Scripts();
        if (version > scripts[^1].Number)
        {
            throw new StoreException(StoreFault.SchemaNewer, $"A later Keyturn has changed this store (schema {version}, this program knows {scripts[^1].Number}): run that one, or restore a backup.");
        }

        foreach (var (number, resource) in scripts.Where(script => script.Number > version))
        {
            session.ExecuteScript($"BEGIN IMMEDIATE; {Read(resource)}; PRAGMA user_version = {number}; PRAGMA application_id = {ApplicationId}; COMMIT;");
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
