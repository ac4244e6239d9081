using System.CommandLine;
using Keyturn.Storage;
using Keyturn.Storage.Care;

namespace Keyturn.Cli.Commands;

/// <summary><c>keyturn store migrate</c></summary>
internal static class StoreMigrateCommand
{
    public static Command Create(Terminal terminal)
    {
        var from = new Option<string>("--from") { Description = "The store's file; no server may be running on it", HelpName = "FILE", Required = true };
        var (store, masterKey, asynchronous) = (StoreOptions.Store(), StoreOptions.MasterKey(), StoreOptions.AllowAsynchronous());
        var command = new Command("migrate", "Move a store from its file to PostgreSQL (--store). The file is left as it is, and marked so that no server starts on it")
        {
            from, store, masterKey, asynchronous,
        };
        StoreCommand.SetAction(command, async (parse, cancel) =>
        {
            var to = StoreOptions.Where(parse, store);
            if (!Store.IsPostgreSql(to))
            {
                throw CommandFailure.Usage("--store is to be the connection string of a PostgreSQL database, \"Host=…\". A file is moved by mv, with no server running.");
            }

            var keys = await StoreCommand.RequireMasterKeysAsync(parse.GetValue(masterKey), cancel);
            var path = parse.GetRequiredValue(from);
            var report = await StoreMove.RunAsync(path, to, keys, parse.GetValue(asynchronous), TimeProvider.System, cancel);
            if (!terminal.Write(report))
            {
                throw new CommandFailure(ExitCode.Refused, $"the store is moved, and damaged as {path} was ({report.Findings.Count} findings).");
            }

            terminal.Error.WriteLine($"Moved and checked. {path} is left as it was, and no server starts on it any more.");
            return ExitCode.Done;
        });
        return command;
    }
}
