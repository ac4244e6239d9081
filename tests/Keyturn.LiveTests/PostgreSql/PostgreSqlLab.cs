using Keyturn.Engines;
using Keyturn.Engines.PostgreSql;
using Keyturn.Instances;
using Keyturn.Passwords;
using Npgsql;

namespace Keyturn.LiveTests.PostgreSql;

/// <summary>One lab server, its superuser by a connection that is not ours to test, and roles of a test's own.</summary>
public sealed class PostgreSqlLab(LabServer server) : IAsyncDisposable
{
    public const string Password = "Right-1 canary";
    public const string WrongPassword = "Wrong-2 canary";
    private static readonly TimeSpan WaitLimit = TimeSpan.FromSeconds(30);
    private readonly List<string> _roles = [];

    public static PostgreSqlEngine Engine { get; } = new(TimeProvider.System);

    public LabServer Server => server;

    /// <summary>A role made by the superuser, dropped after the test.</summary>
    /// <param name="options">What follows <c>CREATE ROLE name</c>, before the password.</param>
    /// <param name="group">A lab_… role, whose members meet another method in pg_hba.conf.</param>
    public async Task<AccountName> CreateRoleAsync(string options = "LOGIN", string? group = null)
    {
        var role = $"kt{Guid.NewGuid():N}"[..14];
        _roles.Add(role);
        await ExecuteAsync($"CREATE ROLE {role} {options} PASSWORD '{Password}'");
        // The admin login, too, would be of the group.
        await (group is null ? LetChangeAsync(server.Admin.User, role) : ExecuteAsync($"GRANT {group} TO {role}"));
        return new AccountName(role);
    }

    /// <summary>From 16 on, CREATEROLE reaches only roles that are held with ADMIN OPTION, as those are that it has made itself.</summary>
    public async Task LetChangeAsync(string admin, string role)
    {
        if (Version.Parse($"{server.Version}.0") >= new Version(16, 0))
        {
            await ExecuteAsync($"GRANT {role} TO {admin} WITH ADMIN OPTION");
        }
    }

    /// <summary>Runs a statement as the superuser.</summary>
    public async Task ExecuteAsync(string statement)
    {
        await using var connection = await OpenAsync(server.Superuser);
        await using var command = new NpgsqlCommand(statement, connection);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>Reads one value as the superuser.</summary>
    public async Task<string?> ReadAsync(string query)
    {
        await using var connection = await OpenAsync(server.Superuser);
        await using var command = new NpgsqlCommand(query, connection);
        return (await command.ExecuteScalarAsync())?.ToString();
    }

    public async Task<NpgsqlConnection> OpenAsync(LabLogin login)
    {
        var connection = new NpgsqlConnection(
            $"Host={server.Host};Port={server.Port};Database=postgres;Username={login.User};Password={login.Password};Pooling=false;SSL Mode=Require");
        await connection.OpenAsync();
        return connection;
    }

    public Target Target(TlsMode mode = TlsMode.VerifyFull, SendMode send = SendMode.Verifier) =>
        Lab.Target(server, new TlsSettings { CaPem = Lab.CaPem, Mode = mode }, send: send);

    public async Task<IAdminSession> ConnectAsync(LabLogin? login = null, TlsMode mode = TlsMode.VerifyFull, SendMode send = SendMode.Verifier, TimeSpan? statementLimit = null)
    {
        var target = Target(mode, send) with { StatementLimit = statementLimit ?? Instance.DefaultStatementLimit };
        var answer = await Engine.ConnectAsync(target, (login ?? server.Admin).Credential, CancellationToken.None);
        answer.Failure.ShouldBeNull();
        return answer.Value!;
    }

    public async Task<LoginResult> LoginAsync(AccountName account, string password = Password, TlsMode mode = TlsMode.VerifyFull) =>
        await Engine.TryLoginAsync(Target(mode), new Credential(account, new Secret(password)), derived: null, CancellationToken.None);

    public async Task<Inspection> InspectAsync(AccountName account, LabLogin? admin = null)
    {
        await using var session = await ConnectAsync(admin);
        var answer = await session.InspectAsync(account, CancellationToken.None);
        answer.Failure.ShouldBeNull();
        return answer.Value!;
    }

    public static async Task<ChangeResult> SetAsync(IAdminSession session, AccountName account, string password) =>
        await session.SetPasswordAsync(new PasswordChange(account, new Secret(password)), CancellationToken.None);

    public static async Task<Readback> ReadBackAsync(IAdminSession session, AccountName account, string password) =>
        await session.ReadBackAsync(account, new Secret(password), CancellationToken.None);

    /// <summary>A replica: waits until what was changed at its primary has arrived.</summary>
    public Task UntilLetInAsync(AccountName account, string password = Password) => UntilAsync(async () => (await LoginAsync(account, password)).Login == Login.Accepted);

    /// <summary>A replica: it stands still when this returns, and until somebody resumes it.</summary>
    public async Task PauseReplayAsync()
    {
        await ExecuteAsync("SELECT pg_wal_replay_pause()");
        await UntilReadAsync("SELECT pg_get_wal_replay_pause_state()", "paused");
    }

    /// <summary>Waits until the query reads that value.</summary>
    public Task UntilReadAsync(string query, string value) => UntilAsync(async () => await ReadAsync(query) == value);

    public async ValueTask DisposeAsync()
    {
        foreach (var role in _roles)
        {
            await ExecuteAsync($"DROP OWNED BY {role}");
            await ExecuteAsync($"DROP ROLE {role}");
        }
    }

    private static async Task UntilAsync(Func<Task<bool>> condition)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (!await condition())
        {
            TimeProvider.System.GetElapsedTime(started).ShouldBeLessThan(WaitLimit, "the server did not come to that");
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System);
        }
    }
}
