using System.CommandLine;
using Keyturn.Storage;

namespace Keyturn.Cli.Commands;

/// <summary><c>keyturn store …</c>: these work on the store itself, not by a server.</summary>
internal static class StoreCommand
{
    public static Command Create(Terminal terminal) => new("store", "Check, back up and restore a store; works on the store itself, not by a server")
    {
        StoreCheckCommand.Create(terminal),
    };

    /// <summary>Runs what the store may refuse.</summary>
    public static void SetAction(Command command, Func<ParseResult, CancellationToken, Task<ExitCode>> run) => command.SetAction(async (parse, cancel) =>
    {
        try
        {
            return (int)await run(parse, cancel);
        }
        catch (StoreException e)
        {
            throw new CommandFailure(ExitCode.Refused, e.Message, e);
        }
    });
}
