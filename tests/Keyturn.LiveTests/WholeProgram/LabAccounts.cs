using System.Security.Cryptography.X509Certificates;
using Keyturn.Engines;
using Keyturn.Instances;
using Keyturn.LiveTests.PostgreSql;
using Keyturn.Passwords;
using Keyturn.Server;
using Keyturn.Wire;
using Keyturn.Wire.MySql;
using Keyturn.Wire.Redis;

namespace Keyturn.LiveTests.WholeProgram;

/// <summary>Accounts on one server of the lab, made behind Keyturn's back as the superuser, and dropped in the end.</summary>
public sealed class LabAccounts(LabServer server) : IAsyncDisposable
{
    /// <summary>What an account has until a test changes it.</summary>
    public const string OldPassword = "Old-1-canary";

    private static readonly IReadOnlyList<IEngine> Engines = EngineList.All(TimeProvider.System);
    private readonly List<string> _users = [];

    public LabServer Server => server;

    /// <summary>The engine of the server.</summary>
    public IEngine Engine => Engines.Single(engine => engine.Name == server.Engine);

    /// <summary>An account that may log in, and nothing else.</summary>
    public async Task<string> CreateAsync(string? user = null)
    {
        user ??= NewUser();
        await using var session = await ConnectAsync();
        var change = new PasswordChange(Name(user), new Secret(OldPassword)) { CreateIfMissing = true };
        (await session.SetPasswordAsync(change, CancellationToken.None)).ShouldBeApplied();
        Remember(user);
        return user;
    }

    /// <summary>An admin login of a test's own, as <see cref="OutsideStatement"/> makes them.</summary>
    public async Task<LabLogin> CreateAdminAsync(Func<string, LabLogin, string[]> create, string password = OldPassword)
    {
        var admin = new LabLogin(NewUser(), password);
        Remember(admin.User);
        foreach (var statement in create(server.Engine, admin))
        {
            await ExecuteAsync(statement);
        }

        return admin;
    }

    /// <summary>A name that no other test has.</summary>
    public static string NewUser() => $"kw{Guid.NewGuid():N}"[..14];

    /// <summary>To be dropped with the others.</summary>
    public void Remember(string user) => _users.Add(user);

    /// <summary>Logs in over verified TLS, at the server itself.</summary>
    public async Task<Login> LoginAsync(string user, string password)
    {
        var credential = new Credential(new AccountName(user), new Secret(password));
        return (await Engine.TryLoginAsync(Lab.Target(server), credential, derived: null, CancellationToken.None)).Login;
    }

    /// <summary>Sets a password behind Keyturn's back.</summary>
    public async Task SetPasswordAsync(string user, Secret password)
    {
        await using var session = await ConnectAsync();
        (await session.SetPasswordAsync(new PasswordChange(Name(user), password), CancellationToken.None)).ShouldBeApplied();
    }

    /// <summary>Runs a statement, or a command of words without spaces, as the superuser.</summary>
    public Task ExecuteAsync(string statement) => server.Engine switch
    {
        "postgresql" => new PostgreSqlLab(server).ExecuteAsync(statement),
        "mysql" or "mariadb" => QueryAsync(statement),
        _ => CommandAsync(statement.Split(' ')),
    };

    public async ValueTask DisposeAsync()
    {
        if (_users.Count > 0)
        {
            await using var session = await ConnectAsync();
            foreach (var user in _users)
            {
                await session.DropAccountAsync(Name(user), CancellationToken.None);
            }
        }
    }

    /// <summary>The row of a user, where users have several.</summary>
    public AccountName Name(string user) => new(user, Engine.Traits.HasFlag(EngineTraits.AccountHasHost) ? "%" : null);

    private async Task<IAdminSession> ConnectAsync()
    {
        // In clear, which a validating server insists on.
        var answer = await Engine.ConnectAsync(Lab.Target(server, send: SendMode.Clear), server.Superuser.Credential, CancellationToken.None);
        answer.Failure.ShouldBeNull();
        return answer.Value!;
    }

    /// <summary>What the server keeps of the account's password.</summary>
    public async Task<string> VerifierOfAsync(string user) => server.Engine switch
    {
        "postgresql" => (await new PostgreSqlLab(server).ReadAsync($"SELECT rolpassword FROM pg_authid WHERE rolname = '{user}'"))!,
        "mysql" or "mariadb" => string.Join('|', (await QueryAsync($"SELECT authentication_string FROM mysql.user WHERE User = '{user}'")).Rows.Select(row => row.First)),
        _ => ((RespList)await CommandAsync(["ACL", "LIST"])).Items.OfType<RespText>().Single(line => line.Text.StartsWith($"user {user} ", StringComparison.Ordinal)).Text,
    };

    private async Task<QueryResult> QueryAsync(string statement)
    {
        var roots = new X509Certificate2Collection();
        roots.ImportFromPem(Lab.CaPem);
        await using var connection = await MySqlConnection.ConnectAsync(server.Host, server.Port, new WireTls(WireTlsMode.VerifyFull, roots), CancellationToken.None);
        (await connection.LoginAsync(server.Superuser.User, server.Superuser.Password, CancellationToken.None)).Verdict.ShouldBe(LoginVerdict.Accepted);
        var result = await connection.QueryAsync(statement, QueryLimits.List, CancellationToken.None);
        result.Error.ShouldBeNull();
        return result;
    }

    private async Task<RespValue> CommandAsync(string[] words)
    {
        await using var client = await RedisClient.ConnectAsync(server.Host, server.PlainPort, new WireTls(WireTlsMode.Disable), CancellationToken.None);
        await client.ExecuteAsync(new RespCommand("AUTH", server.Superuser.User, server.Superuser.Password), CancellationToken.None);
        var reply = await client.ExecuteAsync(new RespCommand(words), CancellationToken.None);
        reply.ShouldNotBeOfType<RespError>();
        return reply;
    }
}
