using System.CommandLine;
using Keyturn.Cli.Output;
using Keyturn.Storage.Care;
using Keyturn.Storage.Sealing;

namespace Keyturn.Cli.Commands;

/// <summary><c>keyturn store check</c></summary>
internal static class StoreCheckCommand
{
    public static Command Create(Terminal terminal)
    {
        var (store, masterKey) = (StoreOptions.Store(), StoreOptions.MasterKey());
        var command = new Command("check", "Read all of a store, open every sealed text, and say what is damaged; also beside a running server") { store, masterKey };
        StoreCommand.SetAction(command, async (parse, cancel) =>
        {
            var keys = await MasterKeys.FindAsync(parse.GetValue(masterKey), cancel);
            return terminal.Write(await StoreCheck.RunAsync(StoreOptions.Where(parse, store), keys, TimeProvider.System, cancel));
        });
        return command;
    }

    /// <summary>Findings go to the output, what was looked at beside it.</summary>
    public static ExitCode Write(this Terminal terminal, StoreReport report)
    {
        if (report.Content is { } content)
        {
            terminal.Error.WriteLine(
                $"{content.Instances} instances, {content.Accounts} accounts with {content.Secrets} versions of passwords, {content.OpenResets} open resets; newest audit entry {content.NewestEntry:u}");
        }

        if (!report.SealsWereTried)
        {
            terminal.Error.WriteLine($"Sealed texts were not opened: there is no master key (--master-key, or {MasterKey.EnvironmentVariable}).");
        }

        if (report.Findings.Count == 0)
        {
            terminal.Error.WriteLine("Nothing is damaged.");
            return ExitCode.Done;
        }

        terminal.WriteTable(["WHERE", "WHAT"], report.Findings.Select(finding => new[] { finding.Where, finding.What }));
        terminal.Error.WriteLine($"keyturn: the store is damaged: {report.Findings.Count} findings.");
        return ExitCode.Refused;
    }
}
