using System.Globalization;
using Keyturn.Instances;
using Keyturn.Passwords;
using Keyturn.Wire.MySql;

namespace Keyturn.Engines.MySql;

/// <summary>One connection of the admin login to a MySQL or MariaDB server.</summary>
internal sealed class MySqlAdminSession : IAdminSession, IKeepsOldPassword, IListsSessions, ITellsNodes
{
    private static readonly TimeSpan KillPoll = TimeSpan.FromMilliseconds(20);

    private readonly AdminConnection _connection;
    private readonly ServerFlavor _flavor;
    private readonly ServerFacts _facts;
    private readonly AdminGrants _grants;
    private readonly Target _target;
    private readonly TimeProvider _clock;
    private readonly bool _isTrusted;
    private readonly bool _follows;
    private readonly ServerInfo _server;
    private readonly AccountReader _accounts;
    private readonly ChangeRunner _changes;
    private (AccountName Account, IReadOnlyList<StoredAccount> Rows)? _inspected;

    public MySqlAdminSession(MySqlConnection connection, ServerFlavor flavor, ServerFacts facts, AdminGrants grants, Target target, TimeProvider clock, bool follows)
    {
        (_flavor, _facts, _grants, _target, _clock, _follows) = (flavor, facts, grants, target, clock, follows);
        _connection = new AdminConnection(connection, clock);
        _isTrusted = connection.Transport.IsTrusted;
        _server = ServerDescription.Of(connection, flavor, facts, target.Node);
        _accounts = new AccountReader(_connection, flavor, grants, facts.ClientHost);
        _changes = new ChangeRunner(_connection, _accounts, flavor, grants);
        Session = new ServerSession(facts.ConnectionId, facts.Start);
    }

    public ServerSession Session { get; }

    /// <summary>Read-only as the last reading of an account had it: a primary may have become a replica since this session began.</summary>
    public ServerInfo Server => _server with { IsReadOnly = _follows || (_accounts.IsReadOnly ?? _server.IsReadOnly) };

    public bool IsUsable => _connection.IsUsable && !_grants.IsOutdated;

    public async ValueTask<Answer<Inspection>> InspectAsync(AccountName account, CancellationToken cancel)
    {
        var read = await InspectRowsAsync(account, cancel);
        return read.Value is { } rows ? Answer.Of(Inspected(await _accounts.WithFailedLoginsAsync(rows, cancel))) : read.Failure!;
    }

    public ValueTask<Answer<IReadOnlyList<MissingRight>>> ReadMissingRightsAsync(CancellationToken cancel) => ValueTask.FromResult(Answer.Of(_grants.Told(_grants.Missing())));

    public async ValueTask<ChangeResult> SetPasswordAsync(PasswordChange change, CancellationToken cancel)
    {
        if ((AccountRules.Validate(change.Password) ?? RefuseClear()) is { } invalid)
        {
            return new ChangeResult(Change.NotSent, invalid);
        }

        if (DatabaseRights.Refuse(change.Roles, _grants) is { } ungrantable)
        {
            return new ChangeResult(Change.Refused, ungrantable);
        }

        var read = _inspected is { } inspected && inspected.Account == change.Account
            ? Answer.Of(inspected.Rows)
            : await InspectRowsAsync(change.Account, cancel);
        if (read.Value is not { } rows)
        {
            return new ChangeResult(Change.NotSent, read.Failure);
        }

        var plan = new PasswordPlan(_flavor, _facts, _target.Send).Statements(change, rows, _connection.Status);
        return plan.Value is { } statements
            ? await ChangeAsync(statements, change.Account, cancel)
            : new ChangeResult(Change.Refused, plan.Failure);
    }

    public async ValueTask<ChangeResult> SetPasswordAsync(PasswordChange change, Secret old, CancellationToken cancel) =>
        (AccountRules.Validate(change.Password) ?? RefuseClear()) is { } invalid
            ? new ChangeResult(Change.NotSent, invalid)
            : await ReadAndChangeAsync(change.Account, rows => Overlap.Keep(change, old, rows, _connection.Status), cancel);

    public ValueTask<ChangeResult> DiscardOldPasswordAsync(AccountName account, Secret password, Secret? old, CancellationToken cancel) =>
        ReadAndChangeAsync(account, rows => Overlap.Discard(account, password, old, rows, _connection.Status), cancel);

    public async ValueTask<Readback> ReadBackAsync(AccountName account, Secret password, Secret old, CancellationToken cancel)
    {
        var read = await _accounts.ReadAsync(account, cancel);
        return read.Value is { } rows ? Overlap.ReadBack(rows, password, old) : new Readback(ReadbackVerdict.Unreadable, read.Failure);
    }

    public async ValueTask<Readback> ReadBackAsync(AccountName account, Secret password, CancellationToken cancel)
    {
        var read = await _accounts.ReadAsync(account, cancel);
        return read.Value is { } rows
            ? new StoredVerdict(_flavor, _facts).Of(rows, password.Reveal())
            : new Readback(ReadbackVerdict.Unreadable, read.Failure);
    }

    public async ValueTask<SessionEndResult> EndSessionAsync(ServerSession session, CancellationToken cancel)
    {
        // All that was sent on this very session has been answered, or it would not be usable.
        if (session.Start != Session.Start || session == Session)
        {
            return new SessionEndResult(SessionEnd.Gone);
        }

        // Within one start no number is given twice. KILL knows every session, also those that the admin login may not see in the list.
        var kill = $"KILL CONNECTION {ulong.Parse(session.Id, CultureInfo.InvariantCulture)}";
        while (true)
        {
            var answer = await _connection.QueryAsync(kill, QueryLimits.Few, cancel);
            switch (answer.Value)
            {
                case null:
                    return new SessionEndResult(SessionEnd.NotProved, answer.Failure);
                case { Error.Code: MySqlErrorCode.NoSuchThread }:
                    return new SessionEndResult(SessionEnd.Gone);
                case { Error: { } error }:
                    return new SessionEndResult(SessionEnd.NotProved, StatementOutcome.Of(error, _grants));
            }

            await Task.Delay(KillPoll, _clock, CancellationToken.None);
        }
    }

    public async ValueTask<Answer<IReadOnlyList<AccountRow>>> ListAccountsAsync(CancellationToken cancel)
    {
        var read = await _accounts.ReadAllAsync(cancel);
        if (read.Value is not { } rows)
        {
            return read.Failure!;
        }

        var rights = await _accounts.ReadRightsAsync(cancel);
        return rights.Value is { } held
            ? Answer.Of<IReadOnlyList<AccountRow>>([.. ToRows(rows).Select(row => row with { Roles = [.. held[AccountReader.Grantee(row.Name)]] })])
            : rights.Failure!;
    }

    public ValueTask<Answer<IReadOnlyList<AccountSession>>> ListSessionsAsync(AccountName account, CancellationToken cancel) =>
        new SessionList(_connection, _accounts, _grants, Session).ReadAsync(account, cancel);

    public async ValueTask<ChangeResult> DropAccountAsync(AccountName account, CancellationToken cancel)
    {
        var read = await InspectRowsAsync(account, cancel);
        return read.Value switch
        {
            null => new ChangeResult(Change.NotSent, read.Failure),
            [] => new ChangeResult(Change.Refused, PasswordPlan.Missing(account)),
            var rows => await ChangeAsync(_flavor.DropStatements(rows), account, cancel),
        };
    }

    public ValueTask<Answer<NodesTold>> ReadNodesAsync(CancellationToken cancel) => new ReplicationReader(_connection, _flavor, _grants).ReadAsync(_server.Identity, _target.Node, cancel);

    public ValueTask DisposeAsync() => _connection.DisposeAsync();

    private Inspection Inspected(IReadOnlyList<StoredAccount> rows)
    {
        var missing = _grants.Missing(rows);
        var isRefused = _grants.MayChangePasswords == false;
        return new Inspection
        {
            Rows = ToRows(rows),

            // That an administrator has the privilege which protects it is likely, and no more.
            MayChangePassword = !isRefused && missing.Any(right => right.Capability == Capability.Reset) ? null : _grants.MayChangePasswords,
            Missing = isRefused ? _grants.Told(missing) : missing,
            CanReadBack = true,
        };
    }

    private async ValueTask<Answer<IReadOnlyList<StoredAccount>>> InspectRowsAsync(AccountName account, CancellationToken cancel)
    {
        var read = await _accounts.ReadAsync(account, cancel);
        _inspected = read.Value is { } rows ? (account, rows) : null;
        return read;
    }

    private OverlapPlan Overlap => new(_flavor, _facts, _target.Send);

    private async ValueTask<ChangeResult> ReadAndChangeAsync(AccountName account, Func<IReadOnlyList<StoredAccount>, Answer<IReadOnlyList<string>>> plan, CancellationToken cancel)
    {
        var read = await InspectRowsAsync(account, cancel);
        if (read.Value is not { } rows)
        {
            return new ChangeResult(Change.NotSent, read.Failure);
        }

        var planned = plan(rows);
        return planned.Value is { } statements ? await ChangeAsync(statements, account, cancel) : new ChangeResult(Change.Refused, planned.Failure);
    }

    private async ValueTask<ChangeResult> ChangeAsync(IReadOnlyList<string> statements, AccountName account, CancellationToken cancel)
    {
        _inspected = null;

        // A privileged login may write where read_only is set, and would part the replica from its primary.
        return Server.IsReadOnly
            ? ChangeResult.Refused(EngineError.ReadOnlyNode, "The server is read-only.")
            : await _changes.RunAsync(statements, account, cancel);
    }

    private Failure? RefuseClear() => _target.Send == SendMode.Clear && !_isTrusted
        ? new Failure(EngineError.TlsUnavailable, "A clear password is sent over verified TLS or a local socket only.")
        : null;

    private AccountRow[] ToRows(IReadOnlyList<StoredAccount> rows) =>
        [.. rows.Select(row => row.ToRow(_connection.IsEncrypted, _target.Tls.ClientCertificatePem is not null) with { IsForOtherHost = !IsForUs(row) })];

    private bool IsForUs(StoredAccount row) => row.Shadow is null && HostPattern.MayMatch(row.Name.Host ?? "", _facts.ClientHost);
}
