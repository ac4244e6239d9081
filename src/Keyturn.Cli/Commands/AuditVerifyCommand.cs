using System.CommandLine;
using Keyturn.Cli.Output;
using Keyturn.Storage.Chain;

namespace Keyturn.Cli.Commands;

/// <summary><c>keyturn audit verify</c></summary>
internal static class AuditVerifyCommand
{
    public static Command Create(Terminal terminal)
    {
        var (store, masterKey) = (StoreOptions.Store(), StoreOptions.MasterKey());
        var expect = new Option<string?>("--expect") { Description = "Heads that were kept elsewhere, as keyturn audit heads wrote them: their rows must be there still", HelpName = "FILE" };
        var command = new Command("verify", "Prove that no entry of the audit log was edited, removed, moved or cut off; works on the store itself, also while servers use it")
        {
            store, masterKey, expect,
        };
        StoreCommand.SetAction(command, async (parse, cancel) =>
        {
            var keys = await StoreCommand.RequireMasterKeysAsync(parse.GetValue(masterKey), cancel);
            var kept = parse.GetValue(expect) is { } file ? await AuditHeads.ReadAsync(file, cancel) : [];
            var report = await AuditVerification.RunAsync(StoreOptions.Where(parse, store), keys, kept, TimeProvider.System, cancel);
            return Write(terminal, report, kept.Count);
        });
        return command;
    }

    private static ExitCode Write(Terminal terminal, AuditReport report, int kept)
    {
        terminal.Error.WriteLine($"{report.Rows} rows in {report.Heads.Count} chains are as they were written, {report.Earlier} rows are in none; {kept} heads were kept elsewhere.");
        if (report.Faults.Count == 0)
        {
            terminal.Error.WriteLine("Nothing was altered.");
            return ExitCode.Done;
        }

        terminal.WriteTable(
            ["DAMAGE", "SEQUENCE", "TIME", "ACTION", "WHAT"],
            report.Faults.Select(fault => new[] { fault.Damage.ToString().ToLowerInvariant(), $"{fault.Sequence}", $"{fault.Time:u}", fault.Action ?? "", fault.What }));
        throw new CommandFailure(ExitCode.Refused, $"the audit log was altered ({report.Faults.Count} findings, the first one of each chain).");
    }
}
