using System.CommandLine;
using Keyturn.Storage.Care;

namespace Keyturn.Cli.Commands;

/// <summary><c>keyturn store restore</c></summary>
internal static class StoreRestoreCommand
{
    public static Command Create(Terminal terminal)
    {
        var file = new Argument<string>("file") { Description = "The backup" };
        var (store, masterKey, asynchronous) = (StoreOptions.Store(), StoreOptions.MasterKey(), StoreOptions.AllowAsynchronous());
        var acceptDamage = new Option<bool>("--accept-damage") { Description = "Restore although some of it is damaged" };
        var command = new Command("restore", "Make a store of a backup, where there is none. Its accounts are unverified until a login shows that their passwords are the servers'")
        {
            file, store, masterKey, asynchronous, acceptDamage,
        };
        StoreCommand.SetAction(command, async (parse, cancel) =>
        {
            var keys = await StoreCommand.RequireMasterKeysAsync(parse.GetValue(masterKey), cancel);
            var accepts = parse.GetValue(acceptDamage);
            var report = await StoreRestore.RunAsync(
                parse.GetRequiredValue(file), StoreOptions.Where(parse, store), keys, accepts, parse.GetValue(asynchronous), TimeProvider.System);
            if (!terminal.Write(report) && !accepts)
            {
                throw new CommandFailure(ExitCode.Refused, "the backup is damaged, and no store was made: use another one, or --accept-damage.");
            }

            terminal.Error.WriteLine(
                """
                Restored. What was changed after the backup is not in it:
                  passwords    may be older than the servers'. A server verifies each account once, by itself, after its start; until a login has shown
                               that a password is in force, it is not served. keyturn status counts those that are left.
                  credentials  that were revoked after the backup are valid again: revoke them.
                The store that the backup was made of must not be started again.
                """);
            return ExitCode.Done;
        });
        return command;
    }
}
