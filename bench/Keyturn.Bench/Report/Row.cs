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
internal sealed record Goal(Compared Compared, double? Ratio, double? PerSecond = null)
{
    public static Goal TimeAtMost(double ratio) => new(Compared.Time, ratio);

    public static Goal ThroughputAtLeast(double ratio) => new(Compared.Throughput, ratio);

    public static Goal MoreThan(double perSecond) => new(Compared.Throughput, Ratio: null, perSecond);

    public override string ToString() => (Ratio, PerSecond) switch
    {
        ({ } ratio, _) => string.Create(CultureInfo.InvariantCulture, $"{(Compared == Compared.Time ? "≤" : "≥")} {ratio:0.##} ×"),
        (_, { } rate) => string.Create(CultureInfo.InvariantCulture, $"> {rate:0}/s"),
        _ => "",
    };
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
        { Ratio: { } limit, Compared: Compared.Time } => Ratio <= limit,
        { Ratio: { } limit } => Ratio >= limit,
        { PerSecond: { } rate } => PerSecond > rate,
        _ => true,
    };
}

/// <summary>What is measured by itself: seconds of a start, megabytes of a process.</summary>
internal sealed record Quantity(string Name, string Unit, double AtMost, IReadOnlyList<double> Values)
{
    public double Median => Load.Median(Values);

    public bool IsMet => Median <= AtMost;
}
