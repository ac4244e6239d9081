using Keyturn.Engines;
using Keyturn.Instances;

namespace Keyturn.Checks;

/// <summary>
/// Tells a right password from a wrong one where the server does not: PostgreSQL after VALID UNTIL, Redis with a user that is off, MySQL and
/// MariaDB without the TLS that an account requires refuse both in the same words.
/// </summary>
internal sealed class RefusedLogins(AdminSessions sessions, TimeProvider clock)
{
    /// <summary>The answer that there is is good enough to wait no longer for a better one.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    /// <summary>
    /// The login as it is to be told: refused for what stands in the account's way, if the stored verifier shows that the password was right;
    /// else as it was. Only an account with such an obstacle is looked at closer, so that a guess costs no more than a reading.
    /// </summary>
    public async ValueTask<LoginResult> ExplainAsync(Instance instance, Node node, Credential tried, LoginResult login, CancellationToken cancel)
    {
        if (login.Login != Login.WrongPassword)
        {
            return login;
        }

        using var deadline = new Deadline(clock, Patience, cancel);
        try
        {
            return await LookAsync(instance, node, tried, login, deadline.Token);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            // Our own patience, while the store was read.
            return login;
        }
    }

    private async ValueTask<LoginResult> LookAsync(Instance instance, Node node, Credential tried, LoginResult login, CancellationToken cancel)
    {
        var inspected = await sessions.LendInspectedAsync(instance, node, tried.Account, cancel);
        if (inspected.Value is not { } found)
        {
            return login;
        }

        await using (found.Lent)
        {
            var obstacle = found.Inspection.Rows.Where(row => row.ByPassword).Select(row => row.LoginObstacle).FirstOrDefault(HidesPassword);
            return obstacle == EngineError.None ? login : Explain(obstacle, await found.Lent.Session.ReadBackAsync(tried.Account, tried.Password, cancel), login);
        }
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
}
