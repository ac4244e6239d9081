using Keyturn.Instances;
using Keyturn.Wire;

namespace Keyturn.Engines.PostgreSql;

/// <summary>Reads the end of a login in the domain's words.</summary>
internal static class LoginReplies
{
    public static LoginResult Read(LoginReply reply, Target target) => reply.Verdict switch
    {
        LoginVerdict.Accepted => LoginResult.Accepted,
        LoginVerdict.NotAsked => new LoginResult(Login.NotChecked, new Failure(EngineError.PasswordNotAsked, reply.Message!)),
        LoginVerdict.NoVerdict => new LoginResult(Login.NoVerdict, new Failure(EngineError.MethodNotSpoken, reply.Message!)),
        _ when reply.IsPasswordProved => ReadLateRefusal(reply),
        _ => ReadRefusal(reply, target),
    };

    // The password was right and the server has proved itself: what follows is about the role, or about the database that we chose.
    private static LoginResult ReadLateRefusal(LoginReply reply) => reply.Code switch
    {
        SqlState.InvalidCatalogName or SqlState.InsufficientPrivilege => LoginResult.Accepted,
        SqlState.InvalidAuthorization => Refused(EngineError.LoginNotPermitted, reply),
        SqlState.TooManyConnections => Refused(EngineError.ConnectionLimit, reply),
        _ => Refused(EngineError.ServerError, reply),
    };

    // Before the password was found right. An expired or unknown role is refused in the words of a wrong password: only inspection tells.
    private static LoginResult ReadRefusal(LoginReply reply, Target target) => reply.Code switch
    {
        SqlState.InvalidPassword => new LoginResult(Login.WrongPassword, FailureOf(EngineError.WrongPassword, reply)),

        // Of PAM, LDAP and RADIUS a wrong password has this code too, as has a directory that is down.
        SqlState.InvalidAuthorization when reply.IsPasswordSent => new LoginResult(Login.NoVerdict, FailureOf(EngineError.LoginNotPermitted, reply)) { WasLeftOpen = true },
        SqlState.InvalidAuthorization => new LoginResult(Login.NoVerdict, FailureOf(AddressRefusal(target), reply)),
        SqlState.TooManyConnections => new LoginResult(Login.NoVerdict, FailureOf(EngineError.ConnectionLimit, reply)),
        SqlState.CannotConnectNow or SqlState.AdminShutdown or SqlState.CrashShutdown =>
            new LoginResult(Login.Unreachable, FailureOf(EngineError.Unreachable, reply)),
        _ => new LoginResult(Login.NoVerdict, FailureOf(EngineError.ServerError, reply)),
    };

    /// <summary>pg_hba.conf has no line for us, or one that rejects: without TLS that is the likeliest thing to be missing.</summary>
    internal static EngineError AddressRefusal(Target target) =>
        target.Tls.Mode == TlsMode.Disable && !Path.IsPathRooted(target.Node.Host) ? EngineError.TlsRequired : EngineError.LoginNotPermitted;

    private static LoginResult Refused(EngineError error, LoginReply reply) => new(Login.Refused, FailureOf(error, reply));

    private static Failure FailureOf(EngineError error, LoginReply reply) => new(error, $"{reply.Message} ({reply.Code})");
}
