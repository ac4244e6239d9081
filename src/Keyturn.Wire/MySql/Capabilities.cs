namespace Keyturn.Wire.MySql;

/// <summary>Capability flags of the client/server protocol, as far as Keyturn uses them.</summary>
/// <remarks>https://dev.mysql.com/doc/dev/mysql-server/latest/group__group__cs__capabilities__flags.html</remarks>
[Flags]
internal enum Capabilities : uint
{
    None = 0,

    /// <summary>MariaDB clears it in its greeting to offer its own extensions; a client that sets it does without them.</summary>
    LongPassword = 1,
    Protocol41 = 1 << 9,
    Ssl = 1 << 11,
    Transactions = 1 << 13,
    SecureConnection = 1 << 15,
    PluginAuth = 1 << 19,
    PluginAuthLenencClientData = 1 << 21,

    /// <summary>
    /// What every login here asks for. Not among them: CAN_HANDLE_EXPIRED_PASSWORDS (an expired password shall be told),
    /// LOCAL_FILES and MULTI_STATEMENTS (nobody shall use them), DEPRECATE_EOF and SESSION_TRACK (nothing to gain).
    /// </summary>
    Client = LongPassword | Protocol41 | Transactions | SecureConnection | PluginAuth | PluginAuthLenencClientData,

    /// <summary>Without these a server speaks a protocol of before 2010.</summary>
    RequiredOfServer = Protocol41 | SecureConnection | PluginAuth,
}
