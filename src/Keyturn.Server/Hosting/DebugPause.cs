using Keyturn.Resets;

namespace Keyturn.Server.Hosting;

/// <summary>For crash tests: with <c>KEYTURN_DEBUG_PAUSE_AT=Prepared</c> every reset stops at that hop for ever, until the process is killed.</summary>
internal static class DebugPause
{
    public const string Variable = "KEYTURN_DEBUG_PAUSE_AT";

    /// <exception cref="ArgumentException">The variable names no hop.</exception>
    public static HopGate FromEnvironment() => Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } name
        ? At(Enum.Parse<Hop>(name))
        : HopGate.Open;

    private static HopGate At(Hop at) => new(hop => PauseAsync(hop, at));

    private static async Task PauseAsync(Hop hop, Hop at)
    {
        if (hop == at)
        {
            await Console.Error.WriteLineAsync($"paused at {hop}");
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System);
        }
    }
}
