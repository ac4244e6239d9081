using Keyturn.Wire.MongoDb;

namespace Keyturn.Engines.MongoDb;

/// <summary>Names the server's error codes in the domain's words (MongoDB's error_codes.yml).</summary>
internal static class MongoDbErrors
{
    public const int BadValue = 2;
    public const int UserNotFound = 11;
    public const int Unauthorized = 13;
    public const int AuthenticationFailed = 18;
    public const int CommandNotFound = 59;
    public const int MechanismUnavailable = 334;
    public const int UserExists = 51003;

    /// <summary>The cause, and the server's own sentence.</summary>
    public static Failure ToFailure(this CommandError error) => new(CauseOf(error.Code), $"{error.Message} ({error.Code} {error.Name})".Replace(" )", ")"));

    /// <summary>
    /// Whether the server may have done what it was asked before it was interrupted. Refusals by a node that is not the primary come before
    /// anything is done, and are not among these.
    /// </summary>
    public static bool MayHaveBeenDone(this CommandError error) => error.Code is
        6 or 7 or 89 or 9001 // between a router and what it forwards to: HostUnreachable, HostNotFound, NetworkTimeout, SocketException
        or 50 or 262 // MaxTimeMSExpired, ExceededTimeLimit
        or 64 or 79 or 100 // write concerns
        or 91 or 189 or 11600 or 11601 or 11602; // shutdown, step-down, killOp

    /// <summary>The node is none that takes writes, or is none any more.</summary>
    public static bool IsNotPrimary(this CommandError error) => error.Code is 189 or 10107 or 11602 or 13435 or 13436;

    private static EngineError CauseOf(int code) => code switch
    {
        UserNotFound => EngineError.AccountMissing,
        UserExists => EngineError.AccountExists,
        Unauthorized => EngineError.AdminLacksPrivilege,
        AuthenticationFailed => EngineError.AdminLoginRefused,
        CommandNotFound => EngineError.Unsupported,
        MechanismUnavailable => EngineError.MethodNotSpoken,
        10107 or 13435 or 13436 => EngineError.ReadOnlyNode,
        24 or 46 or 112 or 189 or 202 or 261 or 11601 or 11602 => EngineError.Busy,
        50 or 89 or 262 => EngineError.TimedOut,
        64 or 79 or 100 => EngineError.Busy,
        6 or 7 or 9001 => EngineError.Unreachable,
        91 or 11600 => EngineError.ConnectionLost,
        _ => EngineError.ServerError,
    };
}
