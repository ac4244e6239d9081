using Keyturn.Instances;
using Keyturn.Wire;

namespace Keyturn.Engines.MySql;

/// <summary>Names the end of a login in the domain's words.</summary>
internal static class LoginOutcome
{
    /// <summary>What <paramref name="reply"/> shows about the password.</summary>
    public static LoginResult Of(LoginReply reply, bool overTls) => reply.Verdict switch
    {
        LoginVerdict.Accepted => LoginResult.Accepted,
        LoginVerdict.NotAsked => NotChecked("The server let the account in without asking for the password."),
        LoginVerdict.NoVerdict => new LoginResult(Login.NoVerdict, new Failure(EngineError.MethodNotSpoken, $"{reply.Message}.")),
        LoginVerdict.Refused => Refused(reply, overTls),
        _ => throw new ArgumentOutOfRangeException(nameof(reply), reply.Verdict, message: null),
    };

    /// <summary>
    /// Accepted as <paramref name="row"/>. One without a name is an anonymous account's, or none at all (skip-grant-tables): nothing is
    /// proved about the name that was given.
    /// </summary>
    public static LoginResult Through(AccountName row) => row.User.Length == 0
        ? NotChecked("The server let the account in as an anonymous one.")
        : LoginResult.Accepted with { Row = row };

    private static LoginResult NotChecked(string why) => new(Login.NotChecked, new Failure(EngineError.PasswordNotAsked, why));

    /// <summary>The password was right and has expired.</summary>
    public static LoginResult Expired(string message) => new(Login.Refused, new Failure(EngineError.AccountExpired, message));

    /// <summary>
    /// Only codes that a server gives after it has checked the password count as "right, but"; the lock after failed logins comes before, and
    /// so decides nothing.
    /// </summary>
    private static LoginResult Refused(LoginReply reply, bool overTls)
    {
        var (login, error) = int.Parse(reply.Code!) switch
        {
            MySqlErrorCode.AccessDenied => (Login.WrongPassword, EngineError.WrongPassword),
            MySqlErrorCode.AccountLocked or MySqlErrorCode.MariaDbAccountLocked => (Login.Refused, EngineError.AccountLocked),
            MySqlErrorCode.MustChangePasswordLogin or MySqlErrorCode.MustChangePassword => (Login.Refused, EngineError.AccountExpired),
            MySqlErrorCode.UserLimitReached or MySqlErrorCode.TooManyUserConnections => (Login.Refused, EngineError.ConnectionLimit),
            MySqlErrorCode.BlockedByPasswordLock or MySqlErrorCode.MariaDbBlockedByPasswordErrors => (Login.NoVerdict, EngineError.AccountLocked),
            MySqlErrorCode.AccessDeniedNoPassword => (Login.NoVerdict, EngineError.AccountHasNoPassword),
            MySqlErrorCode.SecureTransportRequired => (Login.NoVerdict, EngineError.TlsRequired),
            MySqlErrorCode.PluginNotLoaded or MySqlErrorCode.ClientTooOld => (Login.NoVerdict, EngineError.MethodNotSpoken),
            MySqlErrorCode.TooManyConnections => (Login.Unreachable, EngineError.ConnectionLimit),
            MySqlErrorCode.HostIsBlocked or MySqlErrorCode.HostNotAllowed => (Login.Unreachable, EngineError.LoginNotPermitted),
            MySqlErrorCode.ServerShutdown => (Login.Unreachable, EngineError.Unreachable),
            _ => (Login.NoVerdict, EngineError.ServerError),
        };

        // Both servers answer 1045 to the right password of an account with REQUIRE SSL.
        var hint = error == EngineError.WrongPassword && !overTls ? " (without TLS an account that requires it is refused in the same words)" : "";
        return new LoginResult(login, new Failure(error, $"{reply.Code}: {reply.Message}{hint}"));
    }
}
