using Keyturn.LiveTests.PostgreSql;

namespace Keyturn.LiveTests.WholeProgram;

/// <summary>The program on a store on PostgreSQL, where a test can say what time it is.</summary>
public abstract class RotationTest : IAsyncLifetime
{
    private readonly List<LabAccounts> _accounts = [];

    public static TheoryData<string> Servers { get; } = ["postgresql-15", "mariadb-10.11", "mysql-9.7", "redis-7", "valkey-9"];

    protected KeyturnProcess Keyturn { get; private set; } = null!;

    protected string Schema { get; } = $"store_{Guid.NewGuid():n}";

    protected KeyturnApi Api => Keyturn.Api;

    public async ValueTask InitializeAsync()
    {
        var server = Lab.Server("postgresql-15");
        var superuser = server.Superuser;
        Keyturn = await KeyturnProcess.CreateAsync(
            $"Host={server.Host};Port={server.Port};Username={superuser.User};Password={superuser.Password};Database=postgres;Search Path={Schema};"
            + $"SSL Mode=VerifyFull;Root Certificate={Lab.CaFile}");
        await Keyturn.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (Keyturn is null)
        {
            return;
        }

        await Keyturn.DisposeAsync();
        await ExecuteAsync($"DROP SCHEMA {Schema} CASCADE");
        foreach (var accounts in _accounts)
        {
            await accounts.DisposeAsync();
        }
    }

    /// <summary>What a dead process had is another's when its leases are over; a test does not wait for that.</summary>
    protected Task EndLeasesAsync() =>
        ExecuteAsync($"CREATE OR REPLACE FUNCTION {Schema}.keyturn_now() RETURNS timestamptz LANGUAGE sql VOLATILE AS 'SELECT clock_timestamp() + interval ''4 min'''");

    protected static Task ExecuteAsync(string sql) => new PostgreSqlLab(Lab.Server("postgresql-15")).ExecuteAsync(sql);

    protected LabAccounts Of(string server)
    {
        var accounts = new LabAccounts(Lab.Server(server));
        _accounts.Add(accounts);
        return accounts;
    }
}
