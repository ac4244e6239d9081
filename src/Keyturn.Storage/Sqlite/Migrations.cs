using Keyturn.Storage.Tables;

namespace Keyturn.Storage.Sqlite;

/// <summary>The schema's versions: numbered scripts that are part of the program, each run once, in one transaction with its number.</summary>
internal static class Migrations
{
    private static readonly MigrationScripts Scripts = new("Sqlite/Migrations/");

    /// <summary>The version that this program writes.</summary>
    public static int Latest => Scripts.Latest;

    /// <summary>The file's version; 0 for an empty one.</summary>
    public static long VersionOf(SqliteSession session) => session.FirstNumber("PRAGMA user_version") ?? 0;

    /// <summary>Brings the schema to this program's version.</summary>
    /// <exception cref="StoreException">A later Keyturn has changed it.</exception>
    public static void Apply(SqliteSession session)
    {
        RefuseNewer(session);
        foreach (var script in Scripts.After(VersionOf(session)))
        {
            session.ExecuteScript($"BEGIN IMMEDIATE; {script.Text}; PRAGMA user_version = {script.Number}; PRAGMA application_id = {(int)FileMark.Store}; COMMIT;");
        }
    }

    /// <summary>A schema that this program does not know it neither reads nor writes.</summary>
    /// <exception cref="StoreException"><see cref="StoreFault.SchemaNewer"/>.</exception>
    public static void RefuseNewer(SqliteSession session)
    {
        if (VersionOf(session) is var version && version > Latest)
        {
            throw new StoreException(StoreFault.SchemaNewer, $"A later Keyturn has changed this store (schema {version}, this program knows {Latest}): run that one, or restore a backup.");
        }
    }
}
