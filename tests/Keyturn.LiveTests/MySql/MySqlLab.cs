using System.Security.Cryptography.X509Certificates;
using Keyturn.Engines;
using Keyturn.Engines.MySql;
using Keyturn.Instances;
using Keyturn.Passwords;
using Keyturn.Wire;
using Keyturn.Wire.MySql;

namespace Keyturn.LiveTests.MySql;

/// <summary>One server of the lab for one test: statements of the test's own, sessions, logins, and accounts that go with it.</summary>
public sealed class MySqlLab(string serverName, MySqlFamilyEngine engine) : IAsyncDisposable
{
    private readonly List<string> _cleanup = [];
    private readonly CancellationTokenSource _deadline = new(TimeSpan.FromSeconds(300));

    public MySqlFamilyEngine Engine { get; } = engine;

    public LabServer Server => Lab.Server(serverName);

    /// <summary>The server's local socket.</summary>
    public string Socket => Path.Combine(Server.DataDir, "server.sock");

    public CancellationToken Cancel => _deadline.Token;

    public static MySqlLab MySql() => new("mysql-9.7", new MySqlEngine(TimeProvider.System));

    public static MySqlLab MariaDb(string serverName = "mariadb-10.11") => new(serverName, new MariaDbEngine(TimeProvider.System));

    /// <summary>Those that the lab has.</summary>
    public static TheoryData<string> Servers { get; } = [.. Lab.Known("mysql-9.7", "mariadb-10.11", "mariadb-11.8").DefaultIfEmpty("mysql-9.7")];

    public static MySqlLab Of(string serverName) => IsMySql(serverName) ? MySql() : MariaDb(serverName);

    public static bool IsMySql(string serverName) => serverName.StartsWith("mysql", StringComparison.Ordinal);

    public static MySqlLab Validating() => new("mariadb-10.11-validation", new MariaDbEngine(TimeProvider.System));

    public static TlsSettings Tls(TlsMode mode) => new() { Mode = mode, CaPem = Lab.CaPem };

    /// <summary>A name no other test has.</summary>
    public static string UniqueUser() => $"kt{Guid.NewGuid():N}"[..14];

    /// <summary>A user whose rows, at these hosts, are dropped after the test.</summary>
    public string NewUser(params string[] hosts)
    {
        var user = UniqueUser();
        _cleanup.AddRange((hosts is [] ? ["%"] : hosts).Select(host => $"DROP USER IF EXISTS {user}@'{host}'"));
        return user;
    }

    /// <summary>Runs statements as the admin, now; the last one's rows.</summary>
    public async Task<IReadOnlyList<ResultRow>> SqlAsync(params string[] statements)
    {
        await using var connection = await OpenAsync();
        IReadOnlyList<ResultRow> rows = [];
        foreach (var statement in statements)
        {
            var result = await connection.QueryAsync(statement, QueryLimits.List, Cancel);
            result.Error.ShouldBeNull(statement);
            rows = result.Rows;
        }

        return rows;
    }

    /// <summary>A connection of the admin's.</summary>
    public Task<MySqlConnection> OpenAsync() => OpenAsync(Server.Admin);

    /// <summary>A connection of this login's.</summary>
    public async Task<MySqlConnection> OpenAsync(LabLogin login)
    {
        var connection = await MySqlConnection.ConnectAsync(Server.Host, Server.Port, new WireTls(WireTlsMode.VerifyFull, Roots()), Cancel);
        (await connection.LoginAsync(login.User, login.Password, Cancel)).Verdict.ShouldBe(LoginVerdict.Accepted);
        return connection;
    }

    /// <summary>To be run after the test, whatever comes of it.</summary>
    public void Later(string statement) => _cleanup.Add(statement);

    public Target Target(TlsMode mode = TlsMode.VerifyFull, SendMode send = SendMode.Verifier) => Lab.Target(Server, Tls(mode), send: send);

    public async Task<IAdminSession> ConnectAsync(LabLogin? login = null, SendMode send = SendMode.Verifier, NodeRole role = NodeRole.Primary)
    {
        var target = Target(send: send);
        var answer = await Engine.ConnectAsync(target with { Node = target.Node with { Role = role } }, (login ?? Server.Admin).Credential, Cancel);
        answer.Failure.ShouldBeNull();
        return answer.Value!;
    }

    public async Task<ChangeResult> SetAsync(AccountName account, string password, SendMode send = SendMode.Verifier, string? plugin = null, LabLogin? login = null)
    {
        await using var admin = await ConnectAsync(login, send);
        return await admin.SetPasswordAsync(new PasswordChange(account, new Secret(password)) { AuthPlugin = plugin }, Cancel);
    }

    public async Task<ReadbackVerdict> ReadBackAsync(AccountName account, string password)
    {
        await using var admin = await ConnectAsync();
        return (await admin.ReadBackAsync(account, new Secret(password), Cancel)).Verdict;
    }

    public async Task<Inspection> InspectAsync(AccountName account)
    {
        await using var admin = await ConnectAsync();
        var answer = await admin.InspectAsync(account, Cancel);
        answer.Failure.ShouldBeNull();
        return answer.Value!;
    }

    public async Task<LoginResult> LoginAsync(string user, string password, TlsMode mode = TlsMode.VerifyFull, string? socket = null)
    {
        var target = Target(mode);
        target = socket is null ? target : target with { Node = new Node(socket, 0) };
        return await Engine.TryLoginAsync(target, new Credential(new AccountName(user), new Secret(password)), derived: null, Cancel);
    }

    public async ValueTask DisposeAsync()
    {
        // A test that was skipped for want of the server is not to fail for it now.
        if (_cleanup.Count > 0 && Lab.Has(serverName))
        {
            await SqlAsync([.. Enumerable.Reverse(_cleanup)]);
        }

        _deadline.Dispose();
    }

    private static X509Certificate2Collection Roots()
    {
        var roots = new X509Certificate2Collection();
        roots.ImportFromPem(Lab.CaPem);
        return roots;
    }
}
