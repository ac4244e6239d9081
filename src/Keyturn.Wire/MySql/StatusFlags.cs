namespace Keyturn.Wire.MySql;

/// <summary>What the server says about the session at the end of each answer.</summary>
/// <remarks>https://dev.mysql.com/doc/dev/mysql-server/latest/mysql__com_8h.html (SERVER_STATUS_flags_enum)</remarks>
[Flags]
public enum StatusFlags
{
    /// <summary>Nothing special.</summary>
    None = 0,

    /// <summary>Another result follows; never for us, who send one statement at a time.</summary>
    MoreResultsExists = 0x0008,

    /// <summary>A backslash in a string literal is a backslash: sql_mode has NO_BACKSLASH_ESCAPES.</summary>
    NoBackslashEscapes = 0x0200,
}
