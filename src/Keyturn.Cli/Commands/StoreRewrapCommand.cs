using System.CommandLine;
using Keyturn.Storage;

namespace Keyturn.Cli.Commands;

/// <summary><c>keyturn store rewrap</c></summary>
internal static class StoreRewrapCommand
{
    public static Command Create(Terminal terminal)
    {
        var (store, masterKey) = (StoreOptions.Store(), StoreOptions.MasterKey());
        var command = new Command("rewrap", "Wrap the data keys by the new master key. A store in a file is rewrapped by the server that uses it") { store, masterKey };
        StoreCommand.SetAction(command, async (parse, cancel) =>
        {
            var keys = await StoreCommand.RequireMasterKeysAsync(parse.GetValue(masterKey), cancel);
            try
            {
                await using var open = await Store.OpenAsync(StoreOptions.Where(parse, store), keys, TimeProvider.System, allowAsynchronous: true);
                terminal.Error.WriteLine($"Data keys that are wrapped anew, by master key {keys.Current}: {await open.Keys.RewrapAsync()}.");
                return ExitCode.Done;
            }
            catch (StoreException e) when (e.Fault == StoreFault.InUse)
            {
                throw new CommandFailure(ExitCode.Refused, $"{e.Message}. It reads the master key file again when that has changed, and rewraps its store.", e);
            }
        });
        return command;
    }
}
