using Keyturn.Engines;
using Keyturn.Instances;
using Keyturn.LiveTests.WholeProgram;
using Keyturn.Passwords;

namespace Keyturn.LiveTests.Privileges;

/// <summary>An admin login of a test's own, an account for it to work on, and the whole of each thing that Keyturn does as such a login.</summary>
internal sealed class AdminTrial : IAsyncDisposable
{
    // Two grants at once on one catalogue row, and PostgreSQL refuses the second: "tuple concurrently updated".
    private static readonly SemaphoreSlim Granting = new(1);

    private readonly LabAccounts _accounts;
    private readonly string _account;
    private LabLogin _admin;

    private AdminTrial(LabAccounts accounts, LabLogin admin, string account) => (_accounts, _admin, _account) = (accounts, admin, account);

    private IEngine Engine => _accounts.Engine;

    private AccountName Account => new(_account);

    /// <summary>A login that may log in and nothing else, and then what the statements give to <c>keyturn</c>, for the account <c>app</c>.</summary>
    public static async Task<AdminTrial> CreateAsync(LabAccounts accounts, string account, IEnumerable<string> statements)
    {
        var admin = new LabLogin(await accounts.CreateAsync(), LabAccounts.OldPassword);
        var trial = new AdminTrial(accounts, admin, account);
        await trial.GrantAsync(statements.Select(statement => statement
            .Replace("keyturn", admin.User, StringComparison.Ordinal).Replace(" app ", $" {account} ", StringComparison.Ordinal)));
        return trial;
    }

    /// <summary>Runs statements as the server's administrator.</summary>
    public async Task GrantAsync(IEnumerable<string> statements)
    {
        await Granting.WaitAsync();
        try
        {
            foreach (var statement in statements)
            {
                await _accounts.ExecuteAsync(statement);
            }
        }
        finally
        {
            Granting.Release();
        }
    }

    /// <summary>What inspection says is missing: on the server, for the account, or to connect at all.</summary>
    public async Task<IReadOnlyList<MissingRight>> ReadMissingAsync()
    {
        var connected = await ConnectAsync();
        if (connected.Value is not { } session)
        {
            return [new MissingRight(Capability.Reset, connected.Failure!.Detail.Split("Missing: ")[1])];
        }

        await using (session)
        {
            var server = await session.ReadMissingRightsAsync(CancellationToken.None);
            server.Failure.ShouldBeNull();
            return [.. server.Value!, .. (await session.InspectAsync(Account, CancellationToken.None)).Value?.Missing ?? []];
        }
    }

    /// <summary>Does it; null when all of it was done.</summary>
    public async Task<Failure?> DoAsync(Capability capability)
    {
        var connected = await ConnectAsync();
        if (connected.Value is not { } session)
        {
            return connected.Failure;
        }

        await using (session)
        {
            return capability switch
            {
                Capability.Reset => await ResetAsync(session, _account),
                Capability.Recovery => await RecoverAsync(session),
                Capability.Readback => await ReadBackAsync(session),
                Capability.Accounts => await MakeAndDropAsync(session),
                Capability.Sessions => await EndSessionsAsync(session),
                Capability.Nodes => await ReadNodesAsync(session),
                _ => throw new ArgumentOutOfRangeException(nameof(capability), capability, message: null),
            };
        }
    }

    /// <summary>Gives the admin login itself another password.</summary>
    public async Task<Failure?> RotateAsync()
    {
        var connected = await ConnectAsync();
        if (connected.Value is not { } session)
        {
            return connected.Failure;
        }

        await using (session)
        {
            return await ResetAsync(session, _admin.User);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_accounts.Server.Engine == "postgresql")
        {
            // A role with a grant on a table is not dropped.
            await GrantAsync([$"DROP OWNED BY {_admin.User}"]);
        }
    }

    private ValueTask<Answer<IAdminSession>> ConnectAsync() => Engine.ConnectAsync(Lab.Target(_accounts.Server), _admin.Credential, CancellationToken.None);

    /// <summary>As a reset does it: looked at, set, written out, proved.</summary>
    private async Task<Failure?> ResetAsync(IAdminSession session, string user)
    {
        var password = $"New-{Guid.NewGuid():N}";
        var inspected = await session.InspectAsync(new AccountName(user), CancellationToken.None);
        if (inspected.Failure is { } unreadable)
        {
            return unreadable;
        }

        var failure = (await session.SetPasswordAsync(new PasswordChange(new AccountName(user), new Secret(password)), CancellationToken.None)).Failure ?? await PersistAsync(session);
        if (failure is not null)
        {
            return failure;
        }

        (await _accounts.LoginAsync(user, password)).ShouldBe(Login.Accepted);
        _admin = user == _admin.User ? _admin with { Password = password } : _admin;
        return null;
    }

    private static async Task<Failure?> PersistAsync(IAdminSession session) =>
        session is IPersistsAccounts file ? (await file.PersistAsync(CancellationToken.None)).Failure : null;

    private async Task<Failure?> RecoverAsync(IAdminSession session)
    {
        var earlier = await ConnectAsync();
        earlier.Failure.ShouldBeNull();
        await using (earlier.Value!)
        {
            var end = await session.EndSessionAsync(earlier.Value!.Session, CancellationToken.None);
            if (end.End == SessionEnd.Gone)
            {
                (await earlier.Value.InspectAsync(Account, CancellationToken.None)).Failure.ShouldNotBeNull().Error.ShouldBe(EngineError.ConnectionLost);
            }

            return end.Failure;
        }
    }

    private async Task<Failure?> ReadBackAsync(IAdminSession session)
    {
        var password = new Secret($"New-{Guid.NewGuid():N}");
        await _accounts.SetPasswordAsync(_account, password);
        var read = await session.ReadBackAsync(Account, password, CancellationToken.None);
        read.Verdict.ShouldBe(read.Failure is null ? ReadbackVerdict.Matches : ReadbackVerdict.Unreadable);
        return read.Failure;
    }

    private async Task<Failure?> MakeAndDropAsync(IAdminSession session)
    {
        var (user, password) = (LabAccounts.NewUser(), $"New-{Guid.NewGuid():N}");
        var made = await session.SetPasswordAsync(new PasswordChange(_accounts.Name(user), new Secret(password)) { CreateIfMissing = true }, CancellationToken.None);
        if (made.Failure is { } failure)
        {
            return failure;
        }

        _accounts.Remember(user);
        (await _accounts.LoginAsync(user, password)).ShouldBe(Login.Accepted);
        var listed = await session.ListAccountsAsync(CancellationToken.None);
        listed.Value?.ShouldContain(row => row.Name.User == user);
        return listed.Failure ?? (await session.DropAccountAsync(_accounts.Name(user), CancellationToken.None)).Failure ?? await PersistAsync(session);
    }

    private async Task<Failure?> EndSessionsAsync(IAdminSession session)
    {
        var password = new Secret($"New-{Guid.NewGuid():N}");
        await _accounts.SetPasswordAsync(_account, password);
        await using var staying = await StayingSession.OpenAsync(_accounts.Server, _account, password.Reveal());
        var listed = await ((IListsSessions)session).ListSessionsAsync(Account, CancellationToken.None);
        if (listed.Value is not { } sessions)
        {
            return listed.Failure;
        }

        var end = await session.EndSessionAsync(sessions.ShouldHaveSingleItem().Session, CancellationToken.None);
        (await staying.IsAliveAsync()).ShouldBe(end.End != SessionEnd.Gone);
        return end.Failure;
    }

    /// <summary>The lab's servers stand alone: what they would tell is asked for.</summary>
    private async Task<Failure?> ReadNodesAsync(IAdminSession session)
    {
        var told = await ((ITellsNodes)session).ReadNodesAsync(CancellationToken.None);
        var untold = told.Value?.Hints.FirstOrDefault(hint => hint.Text.Contains("Missing: ", StringComparison.Ordinal));
        return told.Failure
            ?? (untold is null ? null : new Failure(EngineError.AdminLacksPrivilege, untold.Text))
            ?? (session is ICopiesAccounts copies ? (await copies.ReadRightsAsync(Account, CancellationToken.None)).Failure : null);
    }
}
