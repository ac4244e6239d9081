using System.CommandLine;
using Keyturn.Fuzz.Campaigns;
using Keyturn.Fuzz.Coverage;
using Keyturn.Fuzz.Targets;

namespace Keyturn.Fuzz;

/// <summary>What script/fuzz calls: a campaign, one input again, or (by itself) one target in this process.</summary>
internal static class FuzzCommand
{
    private static readonly Option<double> Seconds = new("--seconds") { Description = "for all targets together, besides what their corpora take", DefaultValueFactory = _ => 60 };
    private static readonly Option<string?> Target = new("--target") { Description = "only this one" };
    private static readonly Option<ulong> Seed = new("--seed") { Description = "of all chance", DefaultValueFactory = _ => 1 };
    private static readonly Option<string?> Input = new("--input") { Description = "run this file, or all of a folder, and say what came of it" };
    private static readonly Option<bool> WithCanaries = new("--canaries") { Description = "also readers with faults, which have to be found" };
    private static readonly Option<string?> Json = new("--json") { Description = "write the results there" };
    private static readonly Option<string> Findings = new("--findings") { Description = "a folder for the inputs of findings", DefaultValueFactory = _ => "fuzz-findings" };
    private static readonly Option<bool> IsUnguided = new("--unguided") { Description = "keep inputs by what comes out only, as if nothing told which code they reach" };
    private static readonly Option<long> MostInputs = new("--inputs") { Description = "end a target after so many", DefaultValueFactory = _ => long.MaxValue };
    private static readonly Option<string?> Keep = new("--keep") { Description = "write there what reaches code that the corpus does not, in a folder for each target" };
    private static readonly Option<bool> UntilFound = new("--until-found") { Hidden = true };
    private static readonly Option<bool> IsWorker = new("--worker") { Hidden = true };
    private static readonly Option<double> Patience = new("--patience") { Hidden = true, DefaultValueFactory = _ => 12 };
    private static readonly Option<string> Scratch = new("--scratch") { Hidden = true };

    /// <summary>Each is found after a part of a second.</summary>
    private static readonly TimeSpan LongestCanary = TimeSpan.FromSeconds(20);

    public static RootCommand Create()
    {
        var command = new RootCommand("Hostile input to everything that reads what somebody else wrote.") { Seconds, Target, Seed, Input, WithCanaries, Json, Findings, IsUnguided, MostInputs, Keep, UntilFound, IsWorker, Patience, Scratch };
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
            : result.GetValue(Input) is { } file ? await RepeatAsync(name!, file)
            : await CampaignAsync(result, name);
    }

    private static async Task<int> WorkAsync(ParseResult result, string name)
    {
        var options = new WorkerOptions(result.GetValue(Seed), TimeSpan.FromSeconds(result.GetValue(Seconds)), result.GetValue(Scratch)!, result.GetValue(Findings)!)
        {
            Patience = TimeSpan.FromSeconds(result.GetValue(Patience)),
            MostInputs = result.GetValue(MostInputs),
            IsOneEnough = result.GetValue(UntilFound),
            KeptFolder = result.GetValue(Keep),
        };
        foreach (var one in name.Split(','))
        {
            using var worker = new Worker(AllTargets.Find(one)!, options);
            await worker.RunAsync();
        }

        return 0;
    }

    private static async Task<int> RepeatAsync(string name, string path)
    {
        await using var target = AllTargets.Find(name)!;
        await target.StartAsync();
        var findings = 0;
        foreach (var file in Directory.Exists(path) ? Directory.GetFiles(path) : [path])
        {
            var verdict = await new Judge(target).RunAsync(await File.ReadAllBytesAsync(file));
            Console.WriteLine(verdict.Finding is { } finding ? $"{file} {finding.Fault}: {finding.Place} {finding.Message}" : $"{file} {verdict.Outcome}");
            findings += verdict.Finding is null ? 0 : 1;
        }

        return findings == 0 ? 0 : 1;
    }

    private static async Task<int> CampaignAsync(ParseResult result, string? only)
    {
        string[] names = only is not null ? only.Split(',') : [.. AllTargets.Make().Select(target => target.Name)];
        var (seed, scratch) = (result.GetValue(Seed), Directory.CreateTempSubdirectory("keyturn-fuzz-program-"));
        Console.WriteLine($"seed {seed}");
        var (plain, guided) = (Environment.ProcessPath!, result.GetValue(IsUnguided) ? Environment.ProcessPath! : InstrumentedCopy.Make(scratch.FullName));
        var options = new WorkerOptions(seed, TimeSpan.FromSeconds(result.GetValue(Seconds) / names.Length), Scratch: "", Directory.CreateDirectory(result.GetValue(Findings)!).FullName)
        {
            MostInputs = result.GetValue(MostInputs),
            KeptFolder = result.GetValue(Keep) is { } keep ? Path.GetFullPath(keep) : null,
        };
        var targets = await RunAllAsync(guided, options, names);
        string[] canaries = result.GetValue(WithCanaries) ? [.. Canaries.All().Select(canary => canary.Name)] : [];
        var canary = options with { FindingsFolder = scratch.FullName, Time = LongestCanary, Patience = TimeSpan.FromSeconds(1), MostInputs = Canaries.MostInputs, IsOneEnough = true, KeptFolder = null };
        var found = await RunAllAsync(guided, canary, [.. canaries.Where(name => name != Canaries.Ladder || guided != plain)]);
        var hidden = await RunAllAsync(plain, canary, [.. canaries.Where(name => name == Canaries.Ladder)]);
        scratch.Delete(recursive: true);
        if (result.GetValue(Json) is { } json)
        {
            await File.WriteAllTextAsync(json, Report.Ctrf(targets, found, hidden));
        }

        return targets.Concat(hidden).All(target => target.Findings.Count == 0) && found.All(canary => canary.Findings.Count > 0) ? 0 : 1;
    }

    private static async Task<IReadOnlyList<TargetReport>> RunAllAsync(string program, WorkerOptions options, IReadOnlyList<string> names)
    {
        using var campaign = new Campaign(program, options);
        var reports = await campaign.RunAsync(names);
        foreach (var report in reports)
        {
            Report.Print(report);
        }

        return reports;
    }
}
