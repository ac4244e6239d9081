using System.Text.RegularExpressions;
using Keyturn.Wire.MySql;

namespace Keyturn.Engines.MySql;

/// <summary>Names the refusal of a statement in the domain's words.</summary>
internal static partial class StatementOutcome
{
    /// <summary>True for errors that end the session, and with which a warm one may answer although it was gone before.</summary>
    public static bool EndsSession(ErrPacket error) => error.Code is
        MySqlErrorCode.ServerShutdown or MySqlErrorCode.ConnectionKilled or MySqlErrorCode.SessionWasKilled or MySqlErrorCode.ClientInteractionTimeout;

    /// <summary>The cause and a detail.</summary>
    /// <remarks>
    /// The server's sentence is kept for the errors known here only: others (1064 for one) quote the statement, which may hold a password or
    /// a hash.
    /// </remarks>
    public static Failure Of(ErrPacket error, AdminGrants? grants) => ErrorOf(error) switch
    {
        EngineError.ServerError => new Failure(EngineError.ServerError, $"The server refused the statement with error {error.Code}."),
        EngineError.AdminLacksPrivilege when grants is not null => Lacking(error, grants),
        var cause => new Failure(cause, $"{error.Code}: {error.Message}"),
    };

    private static EngineError ErrorOf(ErrPacket error) => error.Code switch
    {
        MySqlErrorCode.AccessDenied or MySqlErrorCode.AccessDeniedForDatabase or MySqlErrorCode.TableAccessDenied or MySqlErrorCode.ColumnAccessDenied
            or MySqlErrorCode.PrivilegeRequired or MySqlErrorCode.KillDenied => EngineError.AdminLacksPrivilege,
        MySqlErrorCode.NotValidPassword or MySqlErrorCode.PasswordHistory => EngineError.PasswordRefusedByServer,
        MySqlErrorCode.ReadOnlyMode => EngineError.ReadOnlyNode,
        MySqlErrorCode.OptionPreventsStatement when error.Message.Contains("read-only", StringComparison.Ordinal) => EngineError.ReadOnlyNode,
        MySqlErrorCode.LockWaitTimeout or MySqlErrorCode.Deadlock or MySqlErrorCode.QueryInterrupted => EngineError.Busy,
        MySqlErrorCode.StatementTimeout => EngineError.TimedOut,
        MySqlErrorCode.PluginNotLoaded => EngineError.Unsupported,
        MySqlErrorCode.NameTooLong => EngineError.InvalidName,
        MySqlErrorCode.CannotUser => EngineError.AccountMissing,
        _ => EngineError.ServerError,
    };

    private static Failure Lacking(ErrPacket error, AdminGrants grants)
    {
        var detail = $"{error.Code}: {error.Message}";
        return error.Code switch
        {
            // Of tables Keyturn reads those with the accounts, and no others.
            MySqlErrorCode.TableAccessDenied or MySqlErrorCode.ColumnAccessDenied => grants.CannotRead(detail),
            MySqlErrorCode.PrivilegeRequired when MissingPrivilege().Match(error.Message) is { Success: true } missing =>
                grants.Lacking(detail, grants.Statement(missing.Groups["privilege"].Value)),
            MySqlErrorCode.KillDenied => grants.CannotKill(detail),
            _ => grants.Lacking(detail, grants.Statement("CREATE USER")),
        };
    }

    /// <summary>"Access denied; you need (at least one of) the SYSTEM_USER privilege(s) for this operation".</summary>
    [GeneratedRegex(@"the (?<privilege>[A-Z_ ]+)(, | or |\w)* privilege\(s\)", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex MissingPrivilege();
}
