using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Keyturn;

/// <summary>What Keyturn measures and traces. No secret is ever a tag.</summary>
public static class Telemetry
{
    /// <summary>Name of the meter and of the activity source.</summary>
    public const string Name = "Keyturn";

    /// <summary>Traces.</summary>
    public static readonly ActivitySource Activities = new(Name);

    private static readonly Meter Meter = new(Name);

    /// <summary>Resets that ended or were left undecided, by engine and state.</summary>
    public static readonly Counter<long> Resets = Meter.CreateCounter<long>("keyturn.resets", "{reset}", "Resets by engine and state.");

    /// <summary>From the request to its outcome.</summary>
    public static readonly Histogram<double> ResetDuration = Meter.CreateHistogram<double>("keyturn.reset.duration", "s", "Time of a reset from request to outcome.");

    /// <summary>Checks, by engine and verdict.</summary>
    public static readonly Counter<long> Checks = Meter.CreateCounter<long>("keyturn.checks", "{check}", "Checks by engine and verdict.");

    /// <summary>Attempts of rotations by schedule, by engine and whether they came about.</summary>
    public static readonly Counter<long> Rotations = Meter.CreateCounter<long>("keyturn.rotations", "{attempt}", "Attempts of rotations by schedule, by engine and whether they came about.");

    /// <summary>Attempts of the reconciler, by the state they ended in.</summary>
    public static readonly Counter<long> Settlements = Meter.CreateCounter<long>("keyturn.settlements", "{attempt}", "Attempts to settle an undecided reset, by resulting state.");
}
