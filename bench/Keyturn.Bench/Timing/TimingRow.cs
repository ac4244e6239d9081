using System.Globalization;

namespace Keyturn.Bench;

/// <summary>
/// How well two requests can be told apart by how long their answers took. The measure is the share of all pairs of answers, one of each, in which the second took
/// longer (Mann and Whitney's U over its largest value): 0.5 where nothing can be told, 0 or 1 where a single try tells.
/// </summary>
/// <param name="Pair">The two.</param>
/// <param name="There">Milliseconds of the first.</param>
/// <param name="Again">The first once more, in the same rounds: the floor.</param>
/// <param name="NotThere">Of the second.</param>
internal sealed record TimingRow(TimingPair Pair, IReadOnlyList<double> There, IReadOnlyList<double> Again, IReadOnlyList<double> NotThere)
{
    public const string Header = "| subject | there / not there | ms | ms | ratio | slower | floor | range of chance | told apart |\n|---|---|---|---|---|---|---|---|---|";

    /// <summary>Standard deviations that chance is given: with some thirty pairs one run in a hundred goes beyond.</summary>
    private const double Deviations = 3.5;

    /// <summary>Share of tries in which what is not there took longer.</summary>
    public double Slower => Share(There, NotThere);

    /// <summary>The same of two that are the same.</summary>
    public double Floor => Share(There, Again);

    /// <summary>How far from 0.5 chance brings the share of so many tries.</summary>
    public double Chance => Deviations * Math.Sqrt((2.0 * There.Count + 1) / (12.0 * There.Count * There.Count));

    public bool IsToldApart => Math.Abs(Slower - 0.5) > Math.Max(Chance, Math.Abs(Floor - 0.5));

    public override string ToString()
    {
        var (there, notThere) = (Load.Median(There), Load.Median(NotThere));
        return string.Create(
            CultureInfo.InvariantCulture,
            $"| {Pair.Subject} | {Pair.What} | {there:0.00} | {notThere:0.00} | {notThere / there:0.000} | {Slower:0.00} | {Floor:0.00} | {0.5 - Chance:0.00}–{0.5 + Chance:0.00} | {(IsToldApart ? "yes" : "no")} |");
    }

    private static double Share(IReadOnlyList<double> first, IReadOnlyList<double> second) =>
        second.Sum(slow => first.Sum(fast => slow > fast ? 1 : slow < fast ? 0 : 0.5)) / first.Count / second.Count;
}
