using System.CommandLine;
using Keyturn.Storage.Chain;

namespace Keyturn.Cli.Commands;

/// <summary><c>keyturn audit heads</c></summary>
internal static class AuditHeadsCommand
{
    public static Command Create(Terminal terminal)
    {
        var store = StoreOptions.Store();
        var command = new Command("heads", "Write where the chains of the audit log end now, to be kept where nobody who can write the store can; works on the store itself") { store };
        StoreCommand.SetAction(command, async (parse, cancel) =>
        {
            foreach (var head in await AuditVerification.HeadsAsync(StoreOptions.Where(parse, store), TimeProvider.System, cancel))
            {
                terminal.Out.WriteLine(AuditHeads.Line(head));
            }

            return ExitCode.Done;
        });
        return command;
    }
}
