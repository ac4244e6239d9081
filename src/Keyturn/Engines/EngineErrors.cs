namespace Keyturn.Engines;

/// <summary>What follows from an <see cref="EngineError"/>: whether waiting helps, and what a person may do next.</summary>
public static class EngineErrors
{
    /// <summary>Errors that pass by themselves are tried again with growing delay; the others park at once.</summary>
    public static bool MayPass(this EngineError error) => error is
        EngineError.NameNotResolved or EngineError.Unreachable or EngineError.ConnectionLost or EngineError.TimedOut or EngineError.TlsRejected
        or EngineError.ReadOnlyNode or EngineError.Busy or EngineError.ConnectionLimit or EngineError.Fault;

    /// <summary>Errors of the way to the server, as opposed to the server's own answer.</summary>
    public static bool IsUnreachable(this EngineError error) => error is
        EngineError.NameNotResolved or EngineError.Unreachable or EngineError.ConnectionLost or EngineError.TimedOut
        or EngineError.TlsRejected or EngineError.TlsUnavailable or EngineError.ProtocolViolation;

    /// <summary>What happened, and what to do about it. A server's own words often have no full stop.</summary>
    public static string WithNextStep(this Failure failure) =>
        $"{failure.Detail}{(failure.Detail is "" or [.., '.' or '!' or '?'] ? "" : ".")} {failure.Error.NextStep()}".TrimStart();

    /// <summary>One sentence: what to do about it.</summary>
    public static string NextStep(this EngineError error) => error switch
    {
        EngineError.None => "Nothing to do.",
        EngineError.NameNotResolved => "Check the host name of the instance's node.",
        EngineError.Unreachable => "Check that the server runs and that host, port and firewall let Keyturn through.",
        EngineError.ConnectionLost => "Look at the server's log; it ended the connection.",
        EngineError.TimedOut => "Look for a lock or an overload on the server, then try again.",
        EngineError.TlsRejected => "Check the instance's CA and server name against the server's certificate.",
        EngineError.TlsUnavailable => "Switch TLS on at the server, or change the instance's TLS mode.",
        EngineError.ProtocolViolation => "Check that the address is the database itself and that the instance's engine is right.",
        EngineError.MethodNotSpoken => "Give the account a password method that Keyturn speaks, or set its proof mode to readback.",
        EngineError.PasswordNotAsked => "The server lets this account in without a password: mend its authentication rules, or set the proof mode to readback.",
        EngineError.WrongPassword => "Adopt the account with its present password, or reset it.",
        EngineError.AdminLoginRefused => "Give Keyturn the admin login's present password (instance change, or adopt the admin account).",
        EngineError.LoginHeldBack => "Wait a minute, or reset the account: a reset needs no guess.",
        EngineError.AdminLacksPrivilege => "Grant the named privilege to the admin login.",
        EngineError.AccountMissing => "Check the account's name (and host), or create it.",
        EngineError.AccountExists => "Reset or adopt the account instead of creating it.",
        EngineError.AccountHasNoPassword => "Give the account a password method on the server first; it logs in by other means.",
        EngineError.AccountLocked => "Unlock the account, or set its proof mode to readback.",
        EngineError.AccountExpired => "Extend the account's validity, or set its proof mode to readback.",
        EngineError.LoginNotPermitted => "Allow the account to log in from Keyturn's address, or set its proof mode to readback.",
        EngineError.ConnectionLimit => "Raise the connection limit or free a connection, or set the proof mode to readback.",
        EngineError.TlsRequired => "The account requires TLS: change the instance's TLS mode.",
        EngineError.PasswordRefusedByServer => "Choose a password that the server's own policy accepts.",
        EngineError.SendModeRefused => "A password validation plugin refuses hashes: set the instance's send mode to clear (over TLS).",
        EngineError.ReadOnlyNode => "Point the instance at the primary.",
        EngineError.Busy => "Try again.",
        EngineError.NotPersisted => "Give the server an ACL file or a configuration file it may write, so that the password survives a restart.",
        EngineError.Unsupported => "Choose something this server version supports.",
        EngineError.InvalidName => "Use a name and password that this engine can hold.",
        EngineError.ServerError => "Look at the server's message.",
        EngineError.Fault => "Look at Keyturn's log.",
        _ => throw new ArgumentOutOfRangeException(nameof(error), error, message: null),
    };
}
