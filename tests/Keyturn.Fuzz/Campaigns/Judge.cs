using System.Diagnostics;
using Keyturn.Fuzz.Targets;

namespace Keyturn.Fuzz.Campaigns;

/// <summary>Runs inputs and looks at what they throw, how long they take and what they allocate.</summary>
internal sealed class Judge(FuzzTarget target)
{
    private const long MostBytes = 64 << 20;
    private const int Tries = 3;
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(1);

    /// <summary>Of time and memory the best of three counts: other things happen on the machine and in the process.</summary>
    public async Task<Verdict> RunAsync(byte[] input)
    {
        var verdict = await TryAsync(input);
        for (var tries = 1; tries < Tries && verdict.Finding is { Fault: Fault.Slow or Fault.Memory }; tries++)
        {
            verdict = await TryAsync(input);
        }

        return verdict;
    }

    private async Task<Verdict> TryAsync(byte[] input)
    {
        var (began, worked, before) = (Stopwatch.GetTimestamp(), Environment.CpuUsage.TotalTime, GC.GetTotalAllocatedBytes());
        try
        {
            var outcome = await target.RunAsync(input);
            return new Verdict(outcome, Excess(Stopwatch.GetElapsedTime(began), Environment.CpuUsage.TotalTime - worked, GC.GetTotalAllocatedBytes() - before));
        }
        catch (Exception thrown)
        {
            var finding = new Finding(Fault.Exception, $"{thrown.GetType().Name} {Place(thrown)}") { Message = FuzzTarget.Shape(thrown.Message) };
            return new Verdict(finding.Place, finding);
        }
    }

    /// <summary>Slow is who computes for long, or waits for long: not who has to wait for a processor that others use.</summary>
    private static Finding? Excess(TimeSpan took, TimeSpan worked, long bytes) =>
        took > Longest && (worked > Longest || worked < took / 10) ? new Finding(Fault.Slow, $"more than {Longest.TotalSeconds:0} s")
        : bytes > MostBytes ? new Finding(Fault.Memory, $"more than {MostBytes >> 20} MB")
        : null;

    /// <summary>The innermost line of the product: what is thrown there for several inputs is one finding.</summary>
    private static string Place(Exception thrown) => new StackTrace(thrown, fNeedFileInfo: true).GetFrames()
        .Where(frame => frame.GetMethod()?.DeclaringType?.FullName?.StartsWith("Keyturn.", StringComparison.Ordinal) == true)
        .Select(frame => $"at {frame.GetMethod()!.DeclaringType!.FullName} line {frame.GetFileLineNumber()}")
        .FirstOrDefault("");
}
