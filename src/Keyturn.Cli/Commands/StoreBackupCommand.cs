using System.CommandLine;
using Keyturn.Storage.Care;
using Keyturn.Storage.Sealing;

namespace Keyturn.Cli.Commands;

/// <summary><c>keyturn store backup</c></summary>
internal static class StoreBackupCommand
{
    public static Command Create(Terminal terminal)
    {
        var file = new Argument<string>("file") { Description = "File to make; only you can read it" };
        var (store, masterKey) = (StoreOptions.Store(), StoreOptions.MasterKey());
        var command = new Command("backup", "Write all of a store to one file, and check it; also while servers use it. The master key is not in it, and need not be given")
        {
            file, store, masterKey,
        };
        StoreCommand.SetAction(command, async (parse, cancel) =>
        {
            var keys = await MasterKeys.FindAsync(parse.GetValue(masterKey), cancel);
            var path = parse.GetRequiredValue(file);
            var report = await StoreBackup.WriteAsync(StoreOptions.Where(parse, store), path, keys, TimeProvider.System, cancel);
            if (!terminal.Write(report))
            {
                throw new CommandFailure(ExitCode.Refused, $"{path} is written, and has what is damaged in the store ({report.Findings.Count} findings).");
            }

            terminal.Error.WriteLine($"{path} is written and checked. Keep it apart from the master key.");
            return ExitCode.Done;
        });
        return command;
    }
}
