using System.Text.Json.Nodes;

namespace Keyturn.Fuzz.Campaigns;

/// <summary>The table that is printed, and the results as <c>script/test</c> reads those of tests (CTRF).</summary>
internal static class Report
{
    public static void Print(TargetReport target)
    {
        Console.WriteLine($"{target.Target,-20} {target.Inputs,10:N0} inputs in {target.Took.TotalSeconds,5:F1} s, {target.Files,4} of the corpus, {target.Kept,5} worth keeping, {target.Blocks,6:N0} blocks, {target.Findings.Count} findings");
        foreach (var finding in target.Findings)
        {
            Console.WriteLine($"  {finding}");
        }
    }

    /// <summary>A test for each target; of a canary it passes when its fault was found, or hidden.</summary>
    public static string Ctrf(IReadOnlyList<TargetReport> targets, IReadOnlyList<TargetReport> canaries, IReadOnlyList<TargetReport> hidden)
    {
        List<(TargetReport Report, string? Fault)> all =
        [
            .. targets.Select(target => (target, target.Findings.Count > 0 ? string.Join('\n', target.Findings) : target.Files == 0 ? "The corpus has no file for it." : null)),
            .. canaries.Select(canary => (canary, canary.Findings.Count == 0 ? "Its fault was not found." : null)),
            .. hidden.Select(canary => (canary with { Target = $"{canary.Target} unguided" }, canary.Findings.Count > 0 ? "Its fault was found without guidance: it shows nothing." : null)),
        ];
        var tests = new JsonArray([.. all.Select(one => Test(one.Report, one.Fault))]);
        var failed = all.Count(one => one.Fault is not null);
        var stop = TimeProvider.System.GetUtcNow();
        var start = stop - new TimeSpan(all.Sum(one => one.Report.Took.Ticks));
        var summary = new JsonObject
        {
            ["tests"] = all.Count,
            ["passed"] = all.Count - failed,
            ["failed"] = failed,
            ["skipped"] = 0,
            ["pending"] = 0,
            ["other"] = 0,
            ["start"] = start.ToUnixTimeMilliseconds(),
            ["stop"] = stop.ToUnixTimeMilliseconds(),
        };
        return new JsonObject { ["results"] = new JsonObject { ["tool"] = new JsonObject { ["name"] = "Keyturn.Fuzz" }, ["summary"] = summary, ["tests"] = tests } }.ToJsonString();
    }

    private static JsonObject Test(TargetReport report, string? fault) => new()
    {
        ["name"] = $"Keyturn.Fuzz {report.Target}",
        ["status"] = fault is null ? "passed" : "failed",
        ["duration"] = (long)report.Took.TotalMilliseconds,
        ["message"] = fault,
    };
}
