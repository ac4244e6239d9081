using Keyturn.Wire;

namespace Keyturn.Fuzz.Targets;

/// <summary>A client of <c>Keyturn.Wire</c> against a server that says the input. A <see cref="WireException"/> is what may come of it.</summary>
internal sealed class WireTarget(string name, Func<int, CancellationToken, Task<string>> run, params string[] words) : FuzzTarget(name)
{
    /// <summary>Ends what waits for more than the peer will say; longer than any input may take.</summary>
    public static readonly TimeSpan Deadline = TimeSpan.FromSeconds(3);

    private ReplayPeer? _peer;

    public override IReadOnlyList<string> Words => words;

    public override ValueTask StartAsync()
    {
        _peer = new ReplayPeer();
        return ValueTask.CompletedTask;
    }

    public override async ValueTask<string> RunAsync(byte[] input)
    {
        _peer!.Say(input);
        using var deadline = new CancellationTokenSource(Deadline);
        try
        {
            return await run(_peer!.Port, deadline.Token);
        }
        catch (WireException fault)
        {
            return $"{fault.Fault} {Shape(fault.Message)}";
        }
    }

    public override ValueTask DisposeAsync() => _peer?.DisposeAsync() ?? ValueTask.CompletedTask;
}
