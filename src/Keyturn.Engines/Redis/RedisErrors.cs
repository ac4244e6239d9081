using System.Text.RegularExpressions;
using Keyturn.Wire.Redis;

namespace Keyturn.Engines.Redis;

/// <summary>Names the server's error words in the domain's.</summary>
internal static partial class RedisErrors
{
    /// <summary>The cause, and the server's own sentence.</summary>
    public static Failure ToFailure(this RespError error) => new(CauseOf(error), $"{error.Code} {error.Message}");

    /// <summary>The same; where a right is missing, with the command that grants it to the admin login.</summary>
    public static Failure ToFailure(this RespError error, string admin) =>
        error.Code == "NOPERM" && RefusedCommand().Match(error.Message) is { Success: true } refused
            ? error.ToFailure().Lacking(AdminRights.Grant(admin, [$"+{refused.Groups["command"].Value}"]))
            : error.ToFailure();

    /// <summary>
    /// The same without the sentence where it could repeat a rule that was sent: "Error in ACL SETUSER modifier '…'" holds a hash, or
    /// a clear password.
    /// </summary>
    public static Failure ToFailureWithoutRules(this RespError error, string admin) =>
        error.Code == "ERR" ? new(CauseOf(error), "The server refuses the rules of ACL SETUSER (ERR).") : error.ToFailure(admin);

    /// <summary>For a reply that is of the protocol, but not one of this command.</summary>
    public static Failure Unexpected(string command) => new(EngineError.ProtocolViolation, $"{command} was answered with something else.");

    private static EngineError CauseOf(RespError error) => error.Code switch
    {
        "WRONGPASS" or "NOAUTH" => EngineError.AdminLoginRefused,
        "NOPERM" => EngineError.AdminLacksPrivilege,
        "READONLY" => EngineError.ReadOnlyNode,
        "LOADING" or "BUSY" or "TRYAGAIN" => EngineError.Busy,
        "DENIED" => EngineError.LoginNotPermitted,
        "NOPROTO" => EngineError.Unsupported,
        "ERR" when error.Message.StartsWith("max number of clients", StringComparison.Ordinal) => EngineError.ConnectionLimit,
        "ERR" when error.Message.StartsWith("unknown", StringComparison.OrdinalIgnoreCase) => EngineError.Unsupported,
        _ => EngineError.ServerError,
    };

    /// <summary>"This user has no permissions to run the 'acl|list' command", with the user's name in later versions.</summary>
    [GeneratedRegex(@"'(?<command>[a-z|]+)' command$", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex RefusedCommand();
}
