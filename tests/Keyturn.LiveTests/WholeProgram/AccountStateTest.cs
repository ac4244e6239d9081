using System.Text.Json.Nodes;

namespace Keyturn.LiveTests.WholeProgram;

/// <summary>Accounts of the lab in some state, registered with a program that only the class has: wrong passwords are counted.</summary>
public abstract class AccountStateTest(RunningKeyturn keyturn) : IClassFixture<RunningKeyturn>, IAsyncDisposable
{
    private readonly List<LabAccounts> _accounts = [];

    /// <summary>Server, what makes the state, and its name.</summary>
    public static TheoryData<string, string, string> States { get; } = new()
    {
        { "postgresql-15", "ALTER ROLE {0} VALID UNTIL '2020-01-01'", "account-expired" },
        { "postgresql-15", "ALTER ROLE {0} NOLOGIN", "login-not-permitted" },
        { "postgresql-15", "ALTER ROLE {0} CONNECTION LIMIT 0", "connection-limit" },
        { "mariadb-10.11", "ALTER USER {0}@'%' ACCOUNT LOCK", "account-locked" },
        { "mariadb-10.11", "ALTER USER {0}@'%' REQUIRE X509", "tls-required" },
        { "mysql-9.7", "ALTER USER {0}@'%' ACCOUNT LOCK", "account-locked" },
        { "mysql-9.7", "ALTER USER {0}@'%' REQUIRE X509", "tls-required" },
        { "redis-7", "ACL SETUSER {0} off", "login-not-permitted" },
        { "valkey-9", "ACL SETUSER {0} off", "login-not-permitted" },
    };

    protected KeyturnApi Api => keyturn.Api;

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        foreach (var accounts in _accounts)
        {
            await accounts.DisposeAsync();
        }
    }

    protected async Task<(string Instance, string User, LabAccounts Accounts)> InStateAsync(string server, string statement)
    {
        var accounts = Of(server);
        var user = await accounts.CreateAsync();
        await accounts.ExecuteAsync(string.Format(System.Globalization.CultureInfo.InvariantCulture, statement, user));

        // PostgreSQL shows verifiers to superusers only, unless somebody is granted a column of pg_authid.
        var admin = accounts.Server.Engine == "postgresql" ? new JsonObject { ["admin"] = KeyturnApi.Login(accounts.Server.Superuser) } : null;
        return (await Api.RegisterAsync(accounts.Server, admin), user, accounts);
    }

    protected Task<ApiAnswer> CheckAsync(string instance, string user, string password, string? host = null) =>
        Api.PostAsync($"{KeyturnApi.PathOf(instance, user)}/check{(host is null ? "" : $"?host={Uri.EscapeDataString(host)}")}", new JsonObject { ["password"] = password });

    protected LabAccounts Of(string server)
    {
        var accounts = new LabAccounts(Lab.Server(server));
        _accounts.Add(accounts);
        return accounts;
    }
}
