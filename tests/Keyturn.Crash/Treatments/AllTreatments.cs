namespace Keyturn.Crash.Treatments;

/// <summary>What Keyturn goes through, in this order. The peer's figures are those of the same treatment; docs/how-it-works.md says of what peer.</summary>
internal static class AllTreatments
{
    public static readonly IReadOnlyList<Treatment> List =
    [
        new("kill", "kill -9 in a storm", "wrong after 8 of 14 kills, right again 5–8 s later; with its file store after 5 of 6, and 2 records destroyed", Kills.RunAsync),
        new("hop", "kill -9 at each hop", "not tried: its hops cannot be named", Hops.RunAsync),
    ];
}
