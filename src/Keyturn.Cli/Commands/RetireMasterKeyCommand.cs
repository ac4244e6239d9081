using System.CommandLine;
using Keyturn.Storage.Care;
using Keyturn.Storage.Sealing;

namespace Keyturn.Cli.Commands;

/// <summary><c>keyturn store retire-master-key</c></summary>
internal static class RetireMasterKeyCommand
{
    public static Command Create(Terminal terminal)
    {
        var store = StoreOptions.Store();
        var masterKey = new Option<string>("--master-key") { Description = "File of the new master key and the old one", HelpName = "FILE", Required = true };
        var oldKey = new Option<string>("--old-key") { Description = "File to make for the old key: backups that were made before still need it", HelpName = "FILE", Required = true };
        var command = new Command("retire-master-key", "Move the old master key to a file of its own, if the store no longer needs it") { store, masterKey, oldKey };
        StoreCommand.SetAction(command, async (parse, cancel) =>
        {
            var (path, oldPath) = (parse.GetRequiredValue(masterKey), parse.GetRequiredValue(oldKey));
            var current = new MasterKeys((await MasterKeyFile.ReadAsync(path, cancel)).Current);
            if (await StoreKeys.CountForeignAsync(StoreOptions.Where(parse, store), current, TimeProvider.System, cancel) is > 0 and var count)
            {
                throw new CommandFailure(ExitCode.Refused, $"data keys that master key {current.Current} does not wrap: {count}. Rewrap the store first.");
            }

            var old = await MasterKeyFile.RetireAsync(path, oldPath, cancel);
            terminal.Error.WriteLine($"{oldPath} holds the old master key {old}: keep it as long as backups that were made before, and apart from them.");
            return ExitCode.Done;
        });
        return command;
    }
}
