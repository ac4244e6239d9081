using System.CommandLine;
using System.Security.Cryptography;
using Keyturn.Crash.Lab;
using Keyturn.Crash.Reports;
using Keyturn.Crash.Treatments;

namespace Keyturn.Crash;

/// <summary>The command line, and a campaign from its first line to its exit code.</summary>
internal static class CrashCommand
{
    private static readonly Option<string> LabJson = new("--lab") { Required = true, Description = "lab.json of script/lab" };
    private static readonly Option<string> LabScript = new("--lab-script") { Required = true, Description = "script/lab, which starts killed servers again" };
    private static readonly Option<string> Keyturn = new("--keyturn") { Required = true, Description = "The built program" };
    private static readonly Option<ulong?> Seed = new("--seed") { Description = "For the same moments again" };
    private static readonly Option<int> Nodes = new("--nodes") { Description = "Keyturn nodes that share one store on a replicated PostgreSQL [1: a store file]", DefaultValueFactory = _ => 1 };
    private static readonly Option<int?> Kills = new("--kills") { Description = "Kills in storms [20]" };
    private static readonly Option<double?> Seconds = new("--seconds") { Description = "Length of a storm [10]" };
    private static readonly Option<bool> Short = new("--short") { Description = "Every treatment once, within about a minute" };
    private static readonly Option<string> Engines = new("--engines") { Description = "Servers of the lab, with commas [all]", DefaultValueFactory = _ => "" };
    private static readonly Option<string> Only = new("--only") { Description = $"Treatments, with commas: {string.Join(", ", AllTreatments.For(1).Concat(AllTreatments.For(3)).Select(one => one.Name).Distinct())} [all]", DefaultValueFactory = _ => "" };
    private static readonly Option<string?> Json = new("--json") { Description = "File for the results" };
    private static readonly Option<string?> Logs = new("--logs") { Description = "Folder that is to keep what the nodes write" };

    private const int MostFaultsTold = 20;

    public static RootCommand Create()
    {
        var command = new RootCommand("Treats a running Keyturn badly, and compares what it serves with what the servers accept.")
        {
            LabJson, LabScript, Keyturn, Nodes, Seed, Kills, Seconds, Short, Engines, Only, Json, Logs,
        };
        command.SetAction(parse => RunAsync(OptionsOf(parse)));
        return command;
    }

    private static CrashOptions OptionsOf(ParseResult parse)
    {
        var options = new CrashOptions
        {
            LabJson = parse.GetRequiredValue(LabJson),
            LabScript = parse.GetRequiredValue(LabScript),
            Keyturn = parse.GetRequiredValue(Keyturn),
            Nodes = parse.GetValue(Nodes),
            Seed = parse.GetValue(Seed) ?? (ulong)RandomNumberGenerator.GetInt32(int.MaxValue),
            Engines = parse.GetRequiredValue(Engines).Split(',', StringSplitOptions.RemoveEmptyEntries),
            Only = parse.GetRequiredValue(Only).Split(',', StringSplitOptions.RemoveEmptyEntries),
            Json = parse.GetValue(Json),
            Logs = parse.GetValue(Logs) is { } logs ? Directory.CreateDirectory(logs).FullName : null,
        };
        options = parse.GetValue(Short) ? options.Shortened() : options;
        options = parse.GetValue(Kills) is { } kills ? options with { Kills = kills } : options;
        return parse.GetValue(Seconds) is { } seconds ? options with { Storm = TimeSpan.FromSeconds(seconds) } : options;
    }

    private static async Task<int> RunAsync(CrashOptions options)
    {
        var start = TimeProvider.System.GetUtcNow();
        var lab = CrashLab.Read(options.LabJson);
        var caPem = await File.ReadAllTextAsync(lab.Ca);
        var databases = lab.Servers
            .Where(server => server.Value.Skipped is null && !StoreCluster.IsOne(server.Key) && (options.Engines.Count == 0 || options.Engines.Contains(server.Key)))
            .Select(server => new Database(server.Key, server.Value, caPem, options.LabScript, Path.GetDirectoryName(options.LabJson)!))
            .ToList();
        using var cluster = options.Nodes > 1 ? StoreCluster.Of(lab, options.LabScript, Path.GetDirectoryName(options.LabJson)!) : null;
        var chosen = AllTreatments.For(options.Nodes).Where(one => options.Only.Count == 0 || options.Only.Contains(one.Name)).ToList();
        if (options.Only.FirstOrDefault(name => chosen.TrueForAll(one => one.Name != name)) is { } unknown)
        {
            await Console.Error.WriteLineAsync($"There is no treatment {unknown}.");
            return 1;
        }

        var rows = lab.Servers.Where(server => server.Value.Skipped is not null).Select(server => Skipped(server.Key, server.Value.Skipped!)).ToList();
        if (databases.Count == 0)
        {
            rows.Add(Skipped("everything", "none of the servers is there"));
            chosen = [];
        }

        Console.WriteLine($"{string.Join(", ", databases.Select(one => $"{one.Name} ({one.Server.Version})"))}; {options.Accounts} accounts and 32 callers each; seed {options.Seed}\n");
        Console.WriteLine(Report.Header);
        var folder = Directory.CreateTempSubdirectory("keyturn-crash-");

        // One treatment runs Keyturn as nobody, who has to pass through here.
        File.SetUnixFileMode(folder.FullName, File.GetUnixFileMode(folder.FullName) | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute);
        await using (var campaign = new Campaign(options, databases, cluster, folder.FullName))
        {
            rows.ForEach(row => Console.WriteLine(Report.Row(row.Treatment, row.Findings)));
            foreach (var treatment in chosen)
            {
                var findings = await campaign.RunAsync(treatment, new Seeded(options.Seed));
                rows.Add((treatment, findings));
                Console.WriteLine(Report.Row(treatment, findings));
                await TellFaultsAsync(options, treatment, findings);
            }
        }

        folder.Delete(recursive: true);
        if (options.Json is { } path)
        {
            await File.WriteAllTextAsync(path, Report.Json(options.Seed, start, TimeProvider.System.GetUtcNow(), rows));
        }

        return rows.TrueForAll(row => row.Findings.IsGood) ? 0 : 1;
    }

    private static (Treatment Treatment, Findings Findings) Skipped(string server, string reason) =>
        (new Treatment(server, server, "", _ => Task.CompletedTask), new Findings(server) { Skipped = reason });

    private static async Task TellFaultsAsync(CrashOptions options, Treatment treatment, Findings findings)
    {
        if (findings.IsGood)
        {
            return;
        }

        await Console.Error.WriteLineAsync($"{treatment.Name}: {findings.Faults.Count} faults (again: --seed {options.Seed} --only {treatment.Name})");
        foreach (var fault in findings.Faults.Take(MostFaultsTold))
        {
            await Console.Error.WriteLineAsync($"  {fault}");
        }
    }
}
