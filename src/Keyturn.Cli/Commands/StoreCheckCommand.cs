using System.CommandLine;
using Keyturn.Storage.Care;
using Keyturn.Storage.Sealing;

namespace Keyturn.Cli.Commands;

/// <summary><c>keyturn store check</c></summary>
internal static class StoreCheckCommand
{
    public static Command Create(Terminal terminal)
    {
        var (store, masterKey) = (StoreOptions.Store(), StoreOptions.MasterKey());
        var command = new Command("check", "Read all of a store, open every sealed text, verify the audit log, and say what is damaged; also while servers use it") { store, masterKey };
        StoreCommand.SetAction(command, async (parse, cancel) =>
        {
            var keys = await MasterKeys.FindAsync(parse.GetValue(masterKey), cancel);
            var report = await StoreCheck.RunAsync(StoreOptions.Where(parse, store), keys, TimeProvider.System, cancel);
            if (!terminal.Write(report))
            {
                throw new CommandFailure(ExitCode.Refused, $"the store is damaged ({report.Findings.Count} findings).");
            }

            terminal.Error.WriteLine("Nothing is damaged.");
            return ExitCode.Done;
        });
        return command;
    }
}
