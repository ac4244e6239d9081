using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace Keyturn.Crash.Reports;

/// <summary>The table for people, and the same for programs.</summary>
internal static class Report
{
    public const string Header =
        """
        | treatment | times | told done | undecided | unchanged | no answer | compared | wrong at once | open at once: longest | wrong | lost | lies | the peer |
        |---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|---|
        """;

    public static string Row(Treatment treatment, Findings findings) => findings.Skipped is { } reason
        ? $"| {treatment.What} | skipped: {reason} | | | | | | | | | | | {treatment.Peer} |"
        : string.Create(CultureInfo.InvariantCulture,
            $"| {treatment.What}{Notes(findings)} | {findings.Times} | {findings.Done} | {findings.Undecided} | {findings.Unchanged} | {findings.Nothing} | {findings.Compared} | **{findings.WrongAtOnce}** | {Open(findings)} | **{findings.Wrong}** | **{findings.Lost}** | **{findings.Lies}** | {treatment.Peer} |");

    /// <summary>In the Common Test Report Format, which the scripts count; the figures are each test's <c>extra</c>.</summary>
    public static string Json(ulong seed, DateTimeOffset start, DateTimeOffset stop, IReadOnlyList<(Treatment Treatment, Findings Findings)> rows) => new JsonObject
    {
        ["results"] = new JsonObject
        {
            ["tool"] = new JsonObject { ["name"] = "keyturn-crash" },
            ["summary"] = new JsonObject
            {
                ["tests"] = rows.Count,
                ["passed"] = rows.Count(row => row.Findings is { IsGood: true, Skipped: null }),
                ["failed"] = rows.Count(row => !row.Findings.IsGood),
                ["skipped"] = rows.Count(row => row.Findings is { IsGood: true, Skipped: not null }),
                ["start"] = start.ToUnixTimeMilliseconds(),
                ["stop"] = stop.ToUnixTimeMilliseconds(),
            },
            ["tests"] = new JsonArray([.. rows.Select(row => Test(row.Treatment, row.Findings))]),
            ["extra"] = new JsonObject { ["seed"] = seed },
        },
    }.ToJsonString(new System.Text.Json.JsonSerializerOptions { WriteIndented = true });

    private static JsonObject Test(Treatment treatment, Findings findings) => new()
    {
        ["name"] = $"crash: {treatment.What}",
        ["status"] = findings switch { { IsGood: false } => "failed", { Skipped: not null } => "skipped", _ => "passed" },
        ["duration"] = (long)findings.Took.TotalMilliseconds,
        ["message"] = string.Join('\n', findings.Faults.Take(20)),
        ["extra"] = new JsonObject
        {
            ["reason"] = findings.Skipped,
            ["times"] = findings.Times,
            ["told_done"] = findings.Done,
            ["told_undecided"] = findings.Undecided,
            ["told_unchanged"] = findings.Unchanged,
            ["no_answer"] = findings.Nothing,
            ["compared"] = findings.Compared,
            ["wrong_at_once"] = findings.WrongAtOnce,
            ["open_at_once"] = findings.OpenAtOnce,
            ["longest_open_ms"] = (long)findings.LongestOpen.TotalMilliseconds,
            ["longest_pause_ms"] = (long)findings.LongestPause.TotalMilliseconds,
            ["wrong"] = findings.Wrong,
            ["lost"] = findings.Lost,
            ["lies"] = findings.Lies,
            ["faults"] = findings.Faults.Count,
            ["notes"] = new JsonArray([.. findings.Notes.Select(note => JsonValue.Create(note))]),
            ["peer"] = treatment.Peer,
        },
    };

    private static string Notes(Findings findings)
    {
        IReadOnlyList<string> notes = findings.LongestPause == TimeSpan.Zero
            ? findings.Notes
            : [.. findings.Notes, string.Create(CultureInfo.InvariantCulture, $"longest time without a reset done {findings.LongestPause.TotalSeconds:0.0} s")];
        return notes.Count == 0 ? "" : new StringBuilder().Append(" (").AppendJoin("; ", notes).Append(')').ToString();
    }

    private static string Open(Findings findings) => findings.OpenAtOnce == 0
        ? "0"
        : string.Create(CultureInfo.InvariantCulture, $"{findings.OpenAtOnce}: {findings.LongestOpen.TotalSeconds:0.0} s");
}
