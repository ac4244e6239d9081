using System.Globalization;
using System.Text;

namespace Keyturn.Bench;

/// <summary>A run as people read it.</summary>
internal static class MarkdownReport
{
    public const string RowsHeader =
        "| on | operation | callers | floor | floor ms | Keyturn ms | p99 ms | floor /s | Keyturn /s | ratio (range over rounds) | goal | |\n|---|---|--:|---|--:|--:|--:|--:|--:|---|--:|---|";

    private const string QuantitiesHeader = "| | median (range) | goal | |\n|---|---|--:|---|";

    public static string Of(BenchRun run)
    {
        var text = new StringBuilder();
        text.AppendLine("# Numbers").AppendLine();
        text.AppendLine("Written by `script/bench --write`; the single figures are in [numbers.json](numbers.json). Floor and Keyturn take turns in each round; all figures are");
        text.AppendLine("medians over rounds. A ratio of time is better when small, one of throughput when large. What the floors are stands in `script/bench --help`.").AppendLine();
        text.AppendLine("![Speed of Keyturn beside its floors](numbers.svg)").AppendLine();
        text.AppendLine(MachineSentence(run)).AppendLine();
        text.AppendLine(RowsHeader).AppendJoin('\n', run.Rows.Select(Line)).AppendLine().AppendLine();
        if (run.Quantities.Count > 0)
        {
            text.AppendLine(QuantitiesHeader).AppendJoin('\n', run.Quantities.Select(Line)).AppendLine().AppendLine();
        }

        text.AppendLine("The rows without TLS stand beside what HashiCorp Vault 1.8's static roles did at 32 callers, also without TLS, with durable storage and without proving anything.");
        text.AppendLine("Vault ran on another machine, so that its share of the bare statement's rate there is what is compared with Keyturn's share of it here:").AppendLine();
        text.AppendLine("| | bare statement /s | as it comes /s | share | tuned, eight connections /s | share |\n|---|--:|--:|--:|--:|--:|");
        text.AppendJoin('\n', run.Peers.Select(peer => Text($"| {peer.Server} | {peer.Bare:0} | {peer.Default:0} | {peer.DefaultShare:0.00} | {peer.Tuned:0} | {peer.TunedShare:0.00} |"))).AppendLine();
        return text.Replace("\r", "").ToString();
    }

    public static string Line(Row row)
    {
        var what = row.Goal.Compared == Compared.Time ? "time" : "throughput";
        return Text($"| {row.Subject} | {row.Operation} | {row.Callers} | {row.FloorName} | {Median(row.Floors, m => m.P50):0.00} | {Median(row.Products, m => m.P50):0.00} | {Median(row.Products, m => m.P99):0.00} | {Median(row.Floors, m => m.PerSecond):0} | {row.PerSecond:0} | {row.Ratio:0.00} × {what} ({row.Ratios.Min():0.00}–{row.Ratios.Max():0.00}) | {row.Goal} | {Mark(row.IsMet)} |");
    }

    public static string Line(Quantity quantity) =>
        Text($"| {quantity.Name} | {quantity.Median:0} {quantity.Unit} ({quantity.Values.Min():0}–{quantity.Values.Max():0}) | ≤ {quantity.AtMost:0} {quantity.Unit} | {Mark(quantity.IsMet)} |");

    private static string MachineSentence(BenchRun run)
    {
        var at = run.Machine;
        return Text($"{at.Time:yyyy-MM-dd}, source {at.Commit}: {at.Processor}, {at.Cores} cores, {at.MemoryMb / 1024.0:0} GB, {at.System}, {at.FileSystem} with {at.SyncsPerSecond} syncs of a page in a second, {at.Runtime}. ")
            + Text($"Keyturn, the database servers and their client share the cores. {run.Rounds} rounds, {run.SecondsPerCell:0.#} s a cell.");
    }

    private static string Mark(bool isMet) => isMet ? "met" : "**not met**";

    private static double Median(IReadOnlyList<Measured> measured, Func<Measured, double> of) => Load.Median(measured.Select(of));

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
