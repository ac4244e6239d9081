using System.CommandLine;
using Keyturn.Fuzz.Campaigns;
using Keyturn.Fuzz.Targets;

namespace Keyturn.Fuzz;

/// <summary>What script/fuzz calls: a campaign, one input again, or (by itself) one target in this process.</summary>
internal static class FuzzCommand
{
    private static readonly Option<double> Seconds = new("--seconds") { Description = "for all targets together, besides what their corpora take", DefaultValueFactory = _ => 60 };
    private static readonly Option<string?> Target = new("--target") { Description = "only this one" };
    private static readonly Option<ulong> Seed = new("--seed") { Description = "of all chance", DefaultValueFactory = _ => 1 };
    private static readonly Option<string?> Input = new("--input") { Description = "run this file, and say what came of it" };
    private static readonly Option<bool> WithCanaries = new("--canaries") { Description = "also readers with faults, which have to be found" };
    private static readonly Option<string?> Json = new("--json") { Description = "write the results there" };
    private static readonly Option<string> Findings = new("--findings") { Description = "a folder for the inputs of findings", DefaultValueFactory = _ => "fuzz-findings" };
    private static readonly Option<bool> IsWorker = new("--worker") { Hidden = true };
    private static readonly Option<double> Patience = new("--patience") { Hidden = true, DefaultValueFactory = _ => 12 };
    private static readonly Option<string> Scratch = new("--scratch") { Hidden = true };

    public static RootCommand Create()
    {
        var command = new RootCommand("Hostile input to everything that reads what somebody else wrote.") { Seconds, Target, Seed, Input, WithCanaries, Json, Findings, IsWorker, Patience, Scratch };
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult result, CancellationToken cancel)
    {
        var name = result.GetValue(Target);
        if (name?.Split(',').Any(one => AllTargets.Find(one) is null) == true || name is null && result.GetValue(Input) is not null)
        {
            await Console.Error.WriteLineAsync($"--target is one of {string.Join(", ", AllTargets.Make().Select(target => target.Name))}");
            return 2;
        }

        return result.GetValue(IsWorker) ? await WorkAsync(result, name!)
            : result.GetValue(Input) is { } file ? await RepeatAsync(name!, await File.ReadAllBytesAsync(file, cancel))
            : await CampaignAsync(result, name);
    }

    private static async Task<int> WorkAsync(ParseResult result, string name)
    {
        var options = new WorkerOptions(result.GetValue(Seed), TimeSpan.FromSeconds(result.GetValue(Seconds)), result.GetValue(Scratch)!, result.GetValue(Findings)!) { Patience = TimeSpan.FromSeconds(result.GetValue(Patience)) };
        foreach (var one in name.Split(','))
        {
            using var worker = new Worker(AllTargets.Find(one)!, options);
            await worker.RunAsync();
        }

        return 0;
    }

    private static async Task<int> RepeatAsync(string name, byte[] input)
    {
        await using var target = AllTargets.Find(name)!;
        await target.StartAsync();
        var verdict = await new Judge(target).RunAsync(input);
        Console.WriteLine(verdict.Finding is { } finding ? $"{finding.Fault}: {finding.Place} {finding.Message}" : verdict.Outcome);
        return verdict.Finding is null ? 0 : 1;
    }

    private static async Task<int> CampaignAsync(ParseResult result, string? only)
    {
        string[] names = only is not null ? only.Split(',') : [.. AllTargets.Make().Select(target => target.Name)];
        var findings = Directory.CreateDirectory(result.GetValue(Findings)!).FullName;
        var seed = result.GetValue(Seed);
        Console.WriteLine($"seed {seed}");
        var targets = await RunAllAsync(seed, TimeSpan.FromSeconds(result.GetValue(Seconds) / names.Length), findings, names);
        string[] canaries = result.GetValue(WithCanaries) ? [.. Canaries.All().Select(canary => canary.Name)] : [];
        var found = await RunCanariesAsync(seed, canaries);
        if (result.GetValue(Json) is { } json)
        {
            await File.WriteAllTextAsync(json, Report.Ctrf(targets, found));
        }

        return targets.All(target => target.Findings.Count == 0) && found.All(canary => canary.Findings.Count > 0) ? 0 : 1;
    }

    private static async Task<IReadOnlyList<TargetReport>> RunCanariesAsync(ulong seed, IReadOnlyList<string> canaries)
    {
        var folder = Directory.CreateTempSubdirectory("keyturn-fuzz-canaries-");
        var reports = await RunAllAsync(seed, TimeSpan.FromSeconds(1), folder.FullName, canaries, areCanaries: true);
        folder.Delete(recursive: true);
        return reports;
    }

    private static async Task<IReadOnlyList<TargetReport>> RunAllAsync(ulong seed, TimeSpan timeEach, string findings, IReadOnlyList<string> names, bool areCanaries = false)
    {
        using var campaign = new Campaign(seed, timeEach, findings) { Patience = TimeSpan.FromSeconds(areCanaries ? 1 : 12), MostDeaths = areCanaries ? 1 : 3 };
        var reports = await campaign.RunAsync(names);
        foreach (var report in reports)
        {
            Report.Print(report);
        }

        return reports;
    }
}
