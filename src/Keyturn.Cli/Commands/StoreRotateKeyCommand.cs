using System.CommandLine;
using Keyturn.Storage;

namespace Keyturn.Cli.Commands;

/// <summary><c>keyturn store rotate-key</c></summary>
internal static class StoreRotateKeyCommand
{
    public static Command Create(Terminal terminal)
    {
        var (store, masterKey) = (StoreOptions.Store(), StoreOptions.MasterKey());
        var command = new Command("rotate-key", "Make a data key for what is sealed from now on. What is sealed already stays under its own. A file must not be in use") { store, masterKey };
        StoreCommand.SetAction(command, async (parse, cancel) =>
        {
            var keys = await StoreCommand.RequireMasterKeysAsync(parse.GetValue(masterKey), cancel);
            await using var open = await Store.OpenAsync(StoreOptions.Where(parse, store), keys, TimeProvider.System, allowAsynchronous: true);
            terminal.Error.WriteLine($"New secrets are sealed by data key {await open.Keys.AddDataKeyAsync()}. Other nodes use it when they next read their keys: within an hour, or on SIGHUP.");
            return ExitCode.Done;
        });
        return command;
    }
}
