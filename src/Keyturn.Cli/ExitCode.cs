namespace Keyturn.Cli;

/// <summary>What a script may read from the way a command ends.</summary>
internal enum ExitCode
{
    /// <summary>Done, and proved where proof was asked for.</summary>
    Done = 0,

    /// <summary>The command line, or a file it names, is not usable; nothing was asked of the server.</summary>
    Usage = 1,

    /// <summary>Refused, and nothing has changed; also a password that the database does not accept.</summary>
    Refused = 2,

    /// <summary>Not known yet: an answer is missing, or proves nothing.</summary>
    Undecided = 3,

    /// <summary>The server, or the database behind it, could not be asked.</summary>
    Unreachable = 4,

    /// <summary>A dry run found differences.</summary>
    Differs = 5,
}
