using Keyturn.Storage.Tables;

namespace Keyturn.Storage.Sqlite;

/// <summary>The schema's versions: numbered scripts that are part of the program, each run once, in one transaction with its number.</summary>
internal static class Migrations
{
    /// <summary><c>KTRN</c>: marks the file as a Keyturn store (sqlite.org/pragma.html#pragma_application_id).</summary>
    private const int ApplicationId = 0x4B54524E;

    private static readonly MigrationScripts Scripts = new("Sqlite/Migrations/");

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
        if (version > Scripts.Latest)
        {
            throw new StoreException(StoreFault.SchemaNewer, $"A later Keyturn has changed this store (schema {version}, this program knows {Scripts.Latest}): run that one, or restore a backup.");
        }

        foreach (var script in Scripts.After(version))
        {
            session.ExecuteScript($"BEGIN IMMEDIATE; {script.Text}; PRAGMA user_version = {script.Number}; PRAGMA application_id = {ApplicationId}; COMMIT;");
        }
    }
}
