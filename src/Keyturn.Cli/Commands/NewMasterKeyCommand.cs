using System.CommandLine;
using Keyturn.Storage.Sealing;

namespace Keyturn.Cli.Commands;

/// <summary><c>keyturn store new-master-key</c></summary>
internal static class NewMasterKeyCommand
{
    public static Command Create(Terminal terminal)
    {
        var masterKey = new Option<string>("--master-key") { Description = "File of the master key", HelpName = "FILE", Required = true };
        var command = new Command("new-master-key", "Put a new master key before the present one, in the same file. The first of three steps: new-master-key, rewrap, retire-master-key") { masterKey };
        StoreCommand.SetAction(command, async (parse, cancel) =>
        {
            var path = parse.GetRequiredValue(masterKey);
            var keys = await MasterKeyFile.AddAsync(path, cancel);
            terminal.Error.WriteLine(
                $"""
                {path} holds the new master key {keys.Current} and the old one {keys.Old}. Next:
                  1. back the file up, apart from the store; give it to every node
                  2. each server reads the file again within seconds; on kill -HUP at once
                  3. a store in a file is rewrapped by its server then; one on PostgreSQL by keyturn store rewrap, when every node has both keys
                  4. keyturn store retire-master-key
                """);
            return ExitCode.Done;
        });
        return command;
    }
}
