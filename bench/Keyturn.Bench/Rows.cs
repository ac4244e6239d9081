using System.Globalization;

namespace Keyturn.Bench;

/// <summary>One row of the table: floor and product in the same rounds, and what is asked of their ratio.</summary>
internal sealed record Row(string Server, string Operation, int Callers, IReadOnlyList<Measured> Floors, IReadOnlyList<Measured> Products)
{
    /// <summary>At one caller latency counts, beyond that throughput.</summary>
    private bool IsLatency => Callers == 1;

    public static string Header =>
        "| server | operation | callers | floor ms | Keyturn ms | floor /s | Keyturn /s | ratio (range over rounds) |\n|---|---|--:|--:|--:|--:|--:|---|";

    public override string ToString()
    {
        var ratios = Floors.Zip(Products, (floor, product) => IsLatency ? product.MedianMs / floor.MedianMs : product.PerSecond / floor.PerSecond).ToList();
        var what = IsLatency ? "time" : "throughput";
        return string.Create(CultureInfo.InvariantCulture,
            $"| {Server} | {Operation} | {Callers} | {Median(Floors, m => m.MedianMs):0.00} | {Median(Products, m => m.MedianMs):0.00} | {Median(Floors, m => m.PerSecond):0} | {Median(Products, m => m.PerSecond):0} | {Load.Median(ratios):0.00} × {what} ({ratios.Min():0.00}–{ratios.Max():0.00}) |");
    }

    private static double Median(IReadOnlyList<Measured> measured, Func<Measured, double> of) => Load.Median(measured.Select(of));
}
