namespace Keyturn.Engines;

/// <summary>Why a server, or the way to it, said no. One cause each, so that an answer can name the next step.</summary>
public enum EngineError
{
    /// <summary>Nothing went wrong.</summary>
    None,

    /// <summary>The host name does not resolve.</summary>
    NameNotResolved,

    /// <summary>Nothing accepts connections at the address, or the way there is closed.</summary>
    Unreachable,

    /// <summary>The server closed or reset the connection in mid-conversation.</summary>
    ConnectionLost,

    /// <summary>A deadline of ours passed.</summary>
    TimedOut,

    /// <summary>TLS could not be agreed, or the certificate is not one we trust for this name.</summary>
    TlsRejected,

    /// <summary>The server offers no TLS, or the account requires it and the instance disables it.</summary>
    TlsUnavailable,

    /// <summary>The peer spoke something that is not its protocol, or lied about a length.</summary>
    ProtocolViolation,

    /// <summary>The server asks for a method that we do not speak, or would not speak on this connection. Says nothing about the password.</summary>
    MethodNotSpoken,

    /// <summary>The server let us in without asking for a password, which proves nothing.</summary>
    PasswordNotAsked,

    /// <summary>The server refuses the password of the account that was tried.</summary>
    WrongPassword,

    /// <summary>The server refuses the admin login that Keyturn holds.</summary>
    AdminLoginRefused,

    /// <summary>Keyturn makes no login now: a wrong password more might lock the account, or it has had one refused within the last minute.</summary>
    LoginHeldBack,

    /// <summary>The admin login may not do this; the detail names the missing grant.</summary>
    AdminLacksPrivilege,

    /// <summary>There is no such account.</summary>
    AccountMissing,

    /// <summary>There is one already.</summary>
    AccountExists,

    /// <summary>The account authenticates by socket, certificate or directory: it has no password to change.</summary>
    AccountHasNoPassword,

    /// <summary>Locked by an administrator, or after failed logins.</summary>
    AccountLocked,

    /// <summary>The account or its password has expired.</summary>
    AccountExpired,

    /// <summary>The account may not log in (NOLOGIN, off), or not from this address.</summary>
    LoginNotPermitted,

    /// <summary>The account, or the server, has no connection to spare.</summary>
    ConnectionLimit,

    /// <summary>The account may only connect over TLS.</summary>
    TlsRequired,

    /// <summary>The server's own password policy, history or validation plugin refuses the password.</summary>
    PasswordRefusedByServer,

    /// <summary>The server takes clear passwords only (validation plugin) and the instance sends verifiers, or the other way round.</summary>
    SendModeRefused,

    /// <summary>The node is a replica, or has been set read-only.</summary>
    ReadOnlyNode,

    /// <summary>The server was busy with the same account or its catalogue; trying again will do.</summary>
    Busy,

    /// <summary>The change is in force, but the server cannot keep it over a restart.</summary>
    NotPersisted,

    /// <summary>The server does not know the authentication plugin, statement or feature that was asked for.</summary>
    Unsupported,

    /// <summary>The name, host or password cannot be expressed on this engine.</summary>
    InvalidName,

    /// <summary>Anything else the server answered; the detail has its code.</summary>
    ServerError,

    /// <summary>A fault of Keyturn's own, or of its store; nobody's answer. Its log has it.</summary>
    Fault,
}
