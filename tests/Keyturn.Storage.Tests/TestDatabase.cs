using System.Globalization;
using System.Text;
using System.Text.Json;
using Npgsql;

namespace Keyturn.Storage.Tests;

/// <summary>A schema of its own in the lab's PostgreSQL, taken away afterwards. Tests without a lab are skipped, and say so.</summary>
internal sealed class TestDatabase : IDisposable
{
    private const string Server = "postgresql-15";

    private readonly string _superuser;
    private readonly string _name;

    private TestDatabase(string superuser, string name) => (_superuser, _name) = (superuser, name);

    /// <summary>As Keyturn is told where its store is.</summary>
    public string Address => $"{_superuser};Database=postgres;Search Path={_name}";

    /// <summary>Keyturn makes the schema.</summary>
    public static TestDatabase Find(string? lab = null) => new(FindServer(lab ?? Environment.GetEnvironmentVariable("KEYTURN_LAB")), $"store_{Guid.NewGuid():n}");

    /// <summary>From now on the store's clock says this.</summary>
    public void StopClock(DateTimeOffset now) => Execute(string.Create(
        CultureInfo.InvariantCulture,
        $"CREATE OR REPLACE FUNCTION keyturn_now() RETURNS timestamptz LANGUAGE sql VOLATILE AS 'SELECT ''{now:O}''::timestamptz'"));

    /// <summary>Behind the store's back.</summary>
    public void Execute(string sql)
    {
        using var connection = new NpgsqlConnection($"{Address};Pooling=false");
        connection.Open();
        using var command = new NpgsqlCommand(sql, connection);
        command.ExecuteNonQuery();
    }

    /// <summary>Every value of every table, bytes as Latin-1.</summary>
    public string Dump()
    {
        using var connection = new NpgsqlConnection($"{Address};Pooling=false");
        connection.Open();
        var text = new StringBuilder();
        foreach (var table in Read(connection, $"SELECT tablename FROM pg_tables WHERE schemaname = '{_name}'").ToList())
        {
            text.AppendJoin('\n', Read(connection, $"SELECT * FROM {table}"));
        }

        return text.ToString();
    }

    public void Dispose() => Execute($"DROP SCHEMA IF EXISTS {_name} CASCADE");

    private static IEnumerable<string> Read(NpgsqlConnection connection, string sql)
    {
        using var command = new NpgsqlCommand(sql, connection);
        using var rows = command.ExecuteReader();
        while (rows.Read())
        {
            for (var column = 0; column < rows.FieldCount; column++)
            {
                yield return rows.GetValue(column) is byte[] bytes ? Encoding.Latin1.GetString(bytes) : $"{rows.GetValue(column)}";
            }
        }
    }

    private static string FindServer(string? path)
    {
        Assert.SkipUnless(File.Exists(path), "no lab: run script/test, or script/lab up and set KEYTURN_LAB to its lab.json");
        using var lab = JsonDocument.Parse(File.ReadAllText(path!));
        Assert.SkipUnless(lab.RootElement.GetProperty("servers").TryGetProperty(Server, out var server), $"the lab has no {Server}");
        Assert.SkipWhen(server.TryGetProperty("skipped", out var reason) && reason.ValueKind == JsonValueKind.String, $"{Server}: {reason}");
        var (superuser, ca) = (server.GetProperty("superuser"), lab.RootElement.GetProperty("ca").GetString());
        return $"Host={server.GetProperty("host").GetString()};Port={server.GetProperty("port").GetInt32()};Username={superuser.GetProperty("user").GetString()};"
            + $"Password={superuser.GetProperty("password").GetString()};SSL Mode=VerifyFull;Root Certificate={ca};Maximum Pool Size=16";
    }
}
