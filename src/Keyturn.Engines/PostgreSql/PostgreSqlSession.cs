using Keyturn.Instances;
using Keyturn.Passwords;
using Npgsql;

namespace Keyturn.Engines.PostgreSql;

/// <summary>The admin login's session on one server.</summary>
internal sealed class PostgreSqlSession : IAdminSession, IListsSessions, ITellsNodes
{
    // Long enough for a server under load to roll a statement back, short of every caller's patience.
    private static readonly TimeSpan EndLimit = TimeSpan.FromSeconds(10);

    private const string SessionsQuery = $"""
        SELECT pid::text, {ServerReading.BackendStart}, extract(epoch FROM clock_timestamp() - backend_start)::float8
        FROM pg_stat_activity WHERE usename = $1 AND pid <> pg_backend_pid()
        """;

    private readonly AdminConnection _connection;
    private readonly Target _target;
    private readonly TimeProvider _clock;
    private readonly RoleStatements _statements;
    private readonly string _admin;
    private readonly bool _needsAdminOption;
    private (AccountName Account, bool Exists)? _inspected;

    private PostgreSqlSession(AdminConnection connection, ServerReading reading, Target target, TimeProvider clock)
    {
        _connection = connection;
        _target = target;
        _clock = clock;
        _statements = new RoleStatements(connection, reading.CanLoop);
        _admin = reading.Admin;
        _needsAdminOption = reading.NeedsAdminOption;
        Server = reading.Server;
        Session = reading.Session;
    }

    public ServerSession Session { get; }

    public ServerInfo Server { get; }

    public bool IsUsable => _connection.IsUsable;

    public static async ValueTask<Answer<IAdminSession>> StartAsync(AdminConnection connection, Target target, TimeProvider clock, CancellationToken cancel)
    {
        try
        {
            var reading = await connection.RunAsync((driver, abandoned) => ServerReading.ReadAsync(driver, target, abandoned), cancel);
            return Answer.Of<IAdminSession>(new PostgreSqlSession(connection, reading, target, clock));
        }
        catch (Exception error) when (error is NpgsqlException or OperationCanceledException)
        {
            await connection.DisposeAsync();
            return PostgreSqlFailures.OfStatement(error);
        }
    }

    public ValueTask<Answer<Inspection>> InspectAsync(AccountName account, CancellationToken cancel) => AskAsync(
        async () =>
        {
            var inspection = (await RoleInspection.ReadAsync(_connection, account, cancel)).ToInspection(_needsAdminOption);
            _inspected = (account, inspection.Exists);
            return inspection;
        });

    public ValueTask<Answer<IReadOnlyList<MissingRight>>> ReadMissingRightsAsync(CancellationToken cancel) =>
        AskAsync(async () => (await AdminRights.ReadAsync(_connection, cancel)).Missing());

    public async ValueTask<ChangeResult> SetPasswordAsync(PasswordChange change, CancellationToken cancel)
    {
        if ((RefusalOf(change) ?? await LookFirstAsync(change, cancel)) is { } failure)
        {
            return new ChangeResult(Change.NotSent, failure);
        }

        var isMissing = _inspected is { Exists: false } seen && seen.Account == change.Account;
        if (isMissing && !change.CreateIfMissing)
        {
            return ChangeResult.Refused(EngineError.AccountMissing, $"there is no role {change.Account}");
        }

        var result = await _statements.SetPasswordAsync(change, _target.Send, isMissing, cancel);
        _inspected = null;
        return result.Failure?.Error == EngineError.AdminLacksPrivilege ? await NameMissingGrantAsync(result, change.Account, cancel) : result;
    }

    public async ValueTask<Readback> ReadBackAsync(AccountName account, Secret password, CancellationToken cancel)
    {
        const string query = "SELECT rolpassword FROM pg_authid WHERE rolname = $1";
        try
        {
            return await _connection.ReadAsync(query, [account.User], row => row.IsDBNull(0) ? null : row.GetString(0), cancel) is [var stored]
                ? StoredPassword.Compare(stored, account.User, password.Reveal())
                : new Readback(ReadbackVerdict.Missing, new Failure(EngineError.AccountMissing, $"there is no role {account}"));
        }
        catch (Exception error) when (error is NpgsqlException or OperationCanceledException)
        {
            return new Readback(ReadbackVerdict.Unreadable, await WithGrantAsync(PostgreSqlFailures.OfStatement(error), Capability.Readback, cancel));
        }
    }

    public async ValueTask<SessionEndResult> EndSessionAsync(ServerSession session, CancellationToken cancel)
    {
        using var deadline = new Deadline(_clock, EndLimit, cancel);
        try
        {
            return await EndAsync(session, deadline.Token) ?? await SessionEnding.ExplainAsync(_connection, session, deadline.Token);
        }
        catch (Exception error) when (error is NpgsqlException or OperationCanceledException)
        {
            return new SessionEndResult(SessionEnd.NotProved, PostgreSqlFailures.OfStatement(error));
        }
    }

    public ValueTask<Answer<IReadOnlyList<AccountRow>>> ListAccountsAsync(CancellationToken cancel)
    {
        // pg_… names are the server's own roles; nobody else may take them.
        const string query = $"SELECT {RoleReading.Columns} FROM pg_roles r WHERE r.rolname !~ '^pg_' ORDER BY r.rolname";
        return AskAsync<IReadOnlyList<AccountRow>>(async () => await _connection.ReadAsync(query, [], row => RoleReading.Of(row).ToRow(), cancel));
    }

    public async ValueTask<Answer<IReadOnlyList<AccountSession>>> ListSessionsAsync(AccountName account, CancellationToken cancel)
    {
        var asked = await AskAsync<IReadOnlyList<(string Id, string? Start, double? Age)>>(async () => await _connection.ReadAsync(
            SessionsQuery, [account.User], row => (row.GetString(0), row.IsDBNull(1) ? null : row.GetString(1), row.IsDBNull(2) ? (double?)null : row.GetDouble(2)), cancel));
        if (asked.Value is not { } found)
        {
            return asked.Failure!;
        }

        // Shown to exist, and nothing more, to a role that may not see other roles' sessions.
        return found.Any(session => session.Start is null || session.Age is null)
            ? await WithGrantAsync(new Failure(EngineError.AdminLacksPrivilege, "the sessions are another role's"), Capability.Sessions, cancel)
            : Answer.Of<IReadOnlyList<AccountSession>>(
                [.. found.Select(session => new AccountSession(new ServerSession(session.Id, session.Start!), TimeSpan.FromSeconds(session.Age!.Value)))]);
    }

    public ValueTask<ChangeResult> DropAccountAsync(AccountName account, CancellationToken cancel) => _statements.DropAsync(account, cancel);

    public ValueTask<Answer<NodesTold>> ReadNodesAsync(CancellationToken cancel) => AskAsync(async () => await ReplicationReading.ReadAsync(_connection, _target.Node, _admin, cancel));

    public ValueTask DisposeAsync() => _connection.DisposeAsync();

    private static async ValueTask<Answer<T>> AskAsync<T>(Func<Task<T>> ask)
        where T : class
    {
        try
        {
            return Answer.Of(await ask());
        }
        catch (Exception error) when (error is NpgsqlException or OperationCanceledException)
        {
            return PostgreSqlFailures.OfStatement(error);
        }
    }

    private Failure? RefusalOf(PasswordChange change)
    {
        var isTrusted = Path.IsPathRooted(_target.Node.Host) || _target.Tls.Mode is TlsMode.VerifyFull or TlsMode.VerifyCa;
        return change switch
        {
            { AuthPlugin: { } plugin } => new Failure(EngineError.Unsupported, $"PostgreSQL has no plugin {plugin} of a role; methods stand in pg_hba.conf"),
            _ when _target.Send == SendMode.Clear && !isTrusted =>
                new Failure(EngineError.SendModeRefused, "a clear password is sent only over verified TLS or a local socket"),
            _ => PostgreSqlEngine.ValidatePassword(change.Password.Reveal()),
        };
    }

    // The statement itself tells that a role is missing. But a failing one goes to the server's log, and then must hold no clear password.
    private async ValueTask<Failure?> LookFirstAsync(PasswordChange change, CancellationToken cancel)
    {
        var isKnown = _inspected is { } seen && seen.Account == change.Account;
        return isKnown || (!change.CreateIfMissing && _target.Send == SendMode.Verifier) ? null : (await InspectAsync(change.Account, cancel)).Failure;
    }

    private async ValueTask<ChangeResult> NameMissingGrantAsync(ChangeResult result, AccountName account, CancellationToken cancel)
    {
        var inspection = await InspectAsync(account, cancel);
        return result with { Failure = result.Failure!.Lacking(inspection.Value?.MissingGrant ?? inspection.Value?.GrantFor(Capability.Accounts)) };
    }

    /// <summary>Null where the server refuses it, or does not show whose it is.</summary>
    private async Task<SessionEndResult?> EndAsync(ServerSession session, CancellationToken cancel)
    {
        try
        {
            return await SessionEnding.RunAsync(_connection, session, _clock, cancel);
        }
        catch (PostgresException error) when (error.SqlState is SqlState.InsufficientPrivilege)
        {
            return null;
        }
    }

    /// <summary>Names what is missing, where that is what the server refuses for.</summary>
    private async ValueTask<Failure> WithGrantAsync(Failure failure, Capability capability, CancellationToken cancel)
    {
        var missing = failure.Error == EngineError.AdminLacksPrivilege ? (await ReadMissingRightsAsync(cancel)).Value : null;
        return failure.Lacking(missing?.FirstOrDefault(right => right.Capability == capability)?.Grant);
    }
}
