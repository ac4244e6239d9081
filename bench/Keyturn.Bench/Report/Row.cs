using System.Globalization;
using System.Text.Json.Serialization;

namespace Keyturn.Bench;

/// <summary>What of floor and product is compared.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<Compared>))]
internal enum Compared
{
    /// <summary>Median latency.</summary>
    Time,

    /// <summary>Operations in a second.</summary>
    Throughput,
}

/// <summary>What is asked of a pair: a ratio to its floor, at most (time) or at least (throughput); and of some a rate, whatever the floor.</summary>
internal sealed record Goal(Compared Compared, double Ratio, bool IsPeers = false)
{
    public static Goal TimeAtMost(double ratio) => new(Compared.Time, ratio);

    public static Goal ThroughputAtLeast(double ratio) => new(Compared.Throughput, ratio);

    /// <summary>Ahead of a peer that reached <paramref name="share"/> of the same floor, on its own machine.</summary>
    public static Goal AheadOf(double share) => new(Compared.Throughput, share, IsPeers: true);

    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{(IsPeers ? "peer's >" : Compared == Compared.Time ? "≤" : "≥")} {Ratio:0.##} ×");
}

/// <summary>Floor and product as they were measured in the same rounds.</summary>
internal sealed record Row(
    string Subject, string Operation, int Callers, Goal Goal, string FloorName, IReadOnlyList<Measured> Floors, IReadOnlyList<Measured> Products)
{
    public IReadOnlyList<double> Ratios =>
        [.. Floors.Zip(Products, (floor, product) => Goal.Compared == Compared.Time ? product.P50 / floor.P50 : product.PerSecond / floor.PerSecond)];

    public double Ratio => Load.Median(Ratios);

    /// <summary>How fast the product is where its floor is 1, whatever is compared.</summary>
    public IReadOnlyList<double> Speeds => Goal.Compared == Compared.Time ? [.. Ratios.Select(ratio => 1 / ratio)] : Ratios;

    public double Speed => Goal.Compared == Compared.Time ? 1 / Ratio : Ratio;

    public double PerSecond => Load.Median(Products.Select(product => product.PerSecond));

    public bool IsMet => Goal switch
    {
        { Compared: Compared.Time } => Ratio <= Goal.Ratio,
        { IsPeers: true } => Ratio > Goal.Ratio,
        _ => Ratio >= Goal.Ratio,
    };

    /// <summary>What the peer's share of the floor is on this machine, in operations a second.</summary>
    public double PeerPerSecond => Goal.Ratio * Load.Median(Floors.Select(floor => floor.PerSecond));
}

/// <summary>What is measured by itself: seconds of a start, megabytes of a process.</summary>
internal sealed record Quantity(string Name, string Unit, double AtMost, IReadOnlyList<double> Values)
{
    public double Median => Load.Median(Values);

    public bool IsMet => Median <= AtMost;
}
