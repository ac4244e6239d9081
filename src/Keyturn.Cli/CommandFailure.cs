namespace Keyturn.Cli;

/// <summary>Ends a command with one line on standard error.</summary>
internal sealed class CommandFailure(ExitCode exitCode, string message, Exception? innerException = null) : Exception(message, innerException)
{
    public ExitCode ExitCode { get; } = exitCode;

    /// <summary>The command line, or a file it names, is not usable.</summary>
    public static CommandFailure Usage(string message, Exception? innerException = null) => new(ExitCode.Usage, message, innerException);
}
