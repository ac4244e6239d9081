using System.CommandLine;
using Keyturn.Cli.Output;
using Keyturn.Storage;
using Keyturn.Storage.Care;
using Keyturn.Storage.Sealing;

namespace Keyturn.Cli.Commands;

/// <summary><c>keyturn store …</c>: these work on the store itself, not by a server.</summary>
internal static class StoreCommand
{
    public static Command Create(Terminal terminal) => new("store", "Check, back up, restore and move a store, make projects in it, and exchange its keys; these work on the store itself, not by a server")
    {
        StoreCheckCommand.Create(terminal),
        StoreBackupCommand.Create(terminal),
        StoreRestoreCommand.Create(terminal),
        StoreMigrateCommand.Create(terminal),
        StoreAddProjectCommand.Create(terminal),
        StoreRotateKeyCommand.Create(terminal),
        NewMasterKeyCommand.Create(terminal),
        StoreRewrapCommand.Create(terminal),
        RetireMasterKeyCommand.Create(terminal),
    };

    /// <summary>Runs what the store may refuse.</summary>
    public static void SetAction(Command command, Func<ParseResult, CancellationToken, Task<ExitCode>> run) => command.SetAction(async (parse, cancel) =>
    {
        try
        {
            return (int)await run(parse, cancel);
        }
        catch (StoreException e)
        {
            throw new CommandFailure(e.Fault == StoreFault.Unknown ? ExitCode.Undecided : ExitCode.Refused, e.Message, e);
        }
    });

    /// <exception cref="CommandFailure">There are none.</exception>
    public static async Task<MasterKeys> RequireMasterKeysAsync(string? file, CancellationToken cancel) => await MasterKeys.FindAsync(file, cancel)
        ?? throw CommandFailure.Usage($"say where the master key is: --master-key, or {MasterKey.EnvironmentVariable}.");

    /// <summary>Findings go to the output, what was looked at beside it. True if nothing is damaged.</summary>
    public static bool Write(this Terminal terminal, StoreReport report)
    {
        if (report.Content is { } content)
        {
            terminal.Error.WriteLine(
                $"{content.Instances} instances, {content.Accounts} accounts with {content.Secrets} versions of passwords, {content.OpenResets} open resets; newest audit entry {content.NewestEntry:u}");
        }

        if (!report.SealsWereTried)
        {
            terminal.Error.WriteLine($"Sealed texts were not opened and the audit log was not verified: there is no master key (--master-key, or {MasterKey.EnvironmentVariable}).");
        }

        if (report.Findings.Count > 0)
        {
            terminal.WriteTable(["WHERE", "WHAT"], report.Findings.Select(finding => new[] { finding.Where, finding.What }));
        }

        return report.Findings.Count == 0;
    }
}
