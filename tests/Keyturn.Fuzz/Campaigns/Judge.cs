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
        var (began, before) = (Stopwatch.GetTimestamp(), GC.GetTotalAllocatedBytes());
        try
        {
            var outcome = await target.RunAsync(input);
            return new Verdict(outcome, Excess(Stopwatch.GetElapsedTime(began), GC.GetTotalAllocatedBytes() - before));
        }
        catch (Exception thrown)
        {
            var finding = new Finding(Fault.Exception, $"{thrown.GetType().Name}: {FuzzTarget.Shape(thrown.Message)} {Place(thrown)}");
            return new Verdict(finding.Detail, finding);
        }
    }

    private static Finding? Excess(TimeSpan took, long bytes) =>
        took > Longest ? new Finding(Fault.Slow, $"more than {Longest.TotalSeconds:0} s")
        : bytes > MostBytes ? new Finding(Fault.Memory, $"more than {MostBytes >> 20} MB")
        : null;

    /// <summary>The innermost line of the product: what is thrown there for several inputs is one finding.</summary>
    private static string Place(Exception thrown) => new StackTrace(thrown, fNeedFileInfo: true).GetFrames()
        .Where(frame => frame.GetMethod()?.DeclaringType?.FullName?.StartsWith("Keyturn.", StringComparison.Ordinal) == true)
        .Select(frame => $"at {frame.GetMethod()!.DeclaringType!.FullName} line {frame.GetFileLineNumber()}")
        .FirstOrDefault("");
}
