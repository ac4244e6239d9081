using Keyturn.Engines;
using Keyturn.Instances;

namespace Keyturn.Checks;

/// <summary>
/// Logins with a password that may be wrong. Where wrong ones lock the account, the stored verifier is asked first, and a password that it refuses is not
/// tried at all. And it tells a right password from a wrong one where the server does not: PostgreSQL after VALID UNTIL, Redis with a user that is off, MySQL
/// and MariaDB without the TLS that an account requires refuse both in the same words.
/// </summary>
internal sealed class UncertainLogins(EngineCatalog engines, AdminSessions sessions, FailedLogins failed, TimeProvider clock)
{
    /// <summary>The answer that there is is good enough to wait no longer for a better one.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    /// <summary>In place of a server's own words, where those are not always to be had: else they would tell an account whose verifier was asked from none.</summary>
    private static readonly Failure OneOrTheOther = new(EngineError.WrongPassword, "The server refuses the account's name or the password.");

    private static readonly LoginResult? ElsewhereOnly = new(Login.NoVerdict);

    /// <summary>A password that somebody gave.</summary>
    public async ValueTask<LoginResult> TryAsync(Instance instance, Node node, Credential tried, CancellationToken cancel)
    {
        var login = await ForeseeAsync(instance, node, tried, cancel) ?? await LogInAsync(instance, node, tried, cancel);
        return login.Login == Login.WrongPassword && MayLock(instance) ? login with { Failure = OneOrTheOther } : login;
    }

    /// <summary>A password that Keyturn holds, tried of its own accord: not within a minute of one that was refused.</summary>
    public async ValueTask<LoginResult> TryOwnAsync(Instance instance, Node node, Credential tried, CancellationToken cancel)
    {
        var wait = await failed.WaitAsync(instance, node, tried.Account, expectation: null, cancel);
        if (wait > TimeSpan.Zero)
        {
            return new LoginResult(Login.NoVerdict, FailedLogins.HeldBack(EngineError.LoginHeldBack, $"A login as {tried.Account}", wait));
        }

        return await ForeseeAsync(instance, node, tried, cancel) ?? await CountedAsync(instance, node, tried, expectation: null, await LogInAsync(instance, node, tried, cancel));
    }

    /// <summary>A password whose verifier the server has, so that the login is expected to succeed: not again within a minute of its having been refused.</summary>
    public async ValueTask<LoginResult> TryExpectedAsync(Instance instance, Node node, Credential tried, string expectation, CancellationToken cancel)
    {
        var wait = await failed.WaitAsync(instance, node, tried.Account, expectation, cancel);
        return wait > TimeSpan.Zero
            ? new LoginResult(Login.NoVerdict, FailedLogins.HeldBack(EngineError.LoginHeldBack, $"A login as {tried.Account}", wait))
            : await CountedAsync(instance, node, tried, expectation, await LogInAsync(instance, node, tried, cancel));
    }

    /// <summary>Whether a login would be tried on the row of another account, by its host; false where that cannot be read.</summary>
    public async ValueTask<bool> IsForOtherHostsAsync(Instance instance, Node node, AccountName account, CancellationToken cancel) =>
        MayLock(instance) && await LookAsync(instance, node, account, (inspection, _, _) => ValueTask.FromResult(inspection.IsForOtherHosts ? ElsewhereOnly : null), cancel) is not null;

    private async ValueTask<LoginResult> CountedAsync(Instance instance, Node node, Credential tried, string? expectation, LoginResult login)
    {
        if (login.Login == Login.WrongPassword)
        {
            await failed.CountAsync(instance, node, tried.Account, expectation);
        }

        return login;
    }

    private async ValueTask<LoginResult> LogInAsync(Instance instance, Node node, Credential tried, CancellationToken cancel)
    {
        var target = Target.Of(instance, node);
        using var deadline = new Deadline(clock, target.ConnectLimit, cancel);
        var login = await engines[instance.Engine].TryLoginAsync(target, tried, derived: null, deadline.Token);
        return login.Login == Login.WrongPassword
            ? await LookAsync(instance, node, tried.Account, async (inspection, session, patience) => await ExplainAsync(inspection, session, tried, login, patience), cancel) ?? login
            : login;
    }

    /// <summary>All of its rows: a login names no host, so that the server takes whichever row fits.</summary>
    private static AccountName UserOf(AccountName account) => account with { Host = null };

    private bool MayLock(Instance instance) => engines[instance.Engine].Traits.HasFlag(EngineTraits.LocksAccounts);

    /// <summary>The answer that no login is needed for, or may be made for; null where one is to be made. What cannot be read forbids nothing.</summary>
    private async ValueTask<LoginResult?> ForeseeAsync(Instance instance, Node node, Credential tried, CancellationToken cancel) =>
        MayLock(instance)
            ? await LookAsync(instance, node, UserOf(tried.Account), async (inspection, session, patience) => await ForeseeAsync(inspection, session, tried, patience), cancel)
            : null;

    private static async ValueTask<LoginResult?> ForeseeAsync(Inspection inspection, IAdminSession session, Credential tried, CancellationToken cancel)
    {
        if (inspection.Lockout is not { } lockout)
        {
            return null;
        }

        var readback = await session.ReadBackAsync(UserOf(tried.Account), tried.Password, cancel);
        return readback.Verdict switch
        {
            ReadbackVerdict.Differs => new LoginResult(Login.WrongPassword, new Failure(
                EngineError.WrongPassword, $"The verifier that the server keeps is another password's. No login was tried: {lockout.After} wrong ones lock the account.")),
            ReadbackVerdict.Unreadable when lockout.TriesLeft <= 1 => new LoginResult(Login.NoVerdict, new Failure(
                EngineError.LoginHeldBack, $"One more wrong password may lock {tried.Account}, and its verifier cannot be read, so that none was tried.")),
            _ => null,
        };
    }

    /// <summary>
    /// The login as it is to be told: refused for what stands in the account's way, if the stored verifier shows that the password was right;
    /// else as it was. Only an account with such an obstacle is looked at closer, so that a guess costs no more than a reading.
    /// </summary>
    private static async ValueTask<LoginResult?> ExplainAsync(Inspection inspection, IAdminSession session, Credential tried, LoginResult login, CancellationToken cancel)
    {
        var obstacle = inspection.Rows.Where(row => row.ByPassword).Select(row => row.LoginObstacle).FirstOrDefault(HidesPassword);
        return obstacle == EngineError.None ? login : Explain(obstacle, await session.ReadBackAsync(tried.Account, tried.Password, cancel), login);
    }

    /// <summary>Of an expired account a wrong password is no more than one that is not shown to be right, where the verifier is not ours to read.</summary>
    private static LoginResult Explain(EngineError obstacle, Readback readback, LoginResult login) => readback.Verdict switch
    {
        ReadbackVerdict.Matches => new LoginResult(
            Login.Refused, new Failure(obstacle, $"The password is right, by the verifier that the server keeps; the login was refused in the words of a wrong one: {login.Failure?.Detail}")),
        ReadbackVerdict.Unreadable when obstacle == EngineError.AccountExpired => new LoginResult(
            Login.NoVerdict, new Failure(obstacle, $"The server refuses right and wrong passwords of this account in the same words, and its verifier could not be read: {login.Failure?.Detail}")),
        _ => login,
    };

    private static bool HidesPassword(EngineError obstacle) => obstacle is not (EngineError.None or EngineError.PasswordNotAsked);

    /// <summary>What the server keeps of the account, in little time; null where it cannot be read.</summary>
    private async ValueTask<LoginResult?> LookAsync(
        Instance instance, Node node, AccountName account, Func<Inspection, IAdminSession, CancellationToken, ValueTask<LoginResult?>> look, CancellationToken cancel)
    {
        using var deadline = new Deadline(clock, Patience, cancel);
        try
        {
            var inspected = await sessions.LendInspectedAsync(instance, node, account, deadline.Token);
            if (inspected.Value is not { } found)
            {
                return null;
            }

            await using (found.Lent)
            {
                return await look(found.Inspection, found.Lent.Session, deadline.Token);
            }
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            // Our own patience, while the store was read.
            return null;
        }
    }
}
