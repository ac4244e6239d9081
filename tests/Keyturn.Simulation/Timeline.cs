namespace Keyturn.Simulation;

/// <summary>
/// One thread, one clock that stands still while anybody has something to do, and chance, which says who goes on next. Processes' tasks
/// wait in <see cref="Add"/>; everything outside of a process (servers, the store, the network) is an event at a time.
/// </summary>
internal sealed class Timeline(Dice dice, int longestLatency)
{
    public static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly PriorityQueue<Action, (TimeSpan At, long Number)> _events = new();
    private readonly List<(NodeScheduler Scheduler, Task Task)> _ready = [];
    private readonly int _thread = Environment.CurrentManagedThreadId;
    private long _lastEvent;

    public Dice Dice => dice;

    /// <summary>Since the beginning of the history.</summary>
    public TimeSpan Now { get; private set; }

    public int Steps { get; private set; }

    /// <summary>Everything that happened, as one number: two runs of one history must agree on it.</summary>
    public ulong Fingerprint { get; private set; } = 14695981039346656037;

    /// <summary>Some work of a process runs outside of its scheduler, where nothing is decided by the seed.</summary>
    public bool HasEscaped { get; private set; }

    /// <summary>Lines for a reader; null where nobody reads.</summary>
    public List<string>? Trace { get; init; }

    public void Note(int node, int point)
    {
        if (Environment.CurrentManagedThreadId != _thread)
        {
            HasEscaped = true;
            throw new InvalidOperationException("Work runs on another thread.");
        }

        Fingerprint = ((Fingerprint ^ (ulong)(uint)node) * 1099511628211) ^ (ulong)(uint)point;
        Fingerprint = (Fingerprint * 1099511628211) ^ (ulong)Now.Ticks;
    }

    public void Say(string who, string text) => Trace?.Add($"{Now.TotalSeconds,10:0.0000} {who,-10} {text}");

    public void After(TimeSpan delay, Action happens) => _events.Enqueue(happens, (Now + delay, ++_lastEvent));

    /// <summary>From now on no message is slow.</summary>
    public bool IsCalm { get; set; }

    /// <summary>How long a message takes: mostly a little, seldom long enough for the other side to give up.</summary>
    public TimeSpan Latency() => TimeSpan.FromMicroseconds(longestLatency == 0 ? 100 : dice.Throw(64) switch
    {
        0 when !IsCalm => dice.Throw(longestLatency),
        < 8 when !IsCalm => dice.Throw(Math.Min(longestLatency, 100_000)),
        _ => 50 + dice.Throw(2_000),
    });

    public void Add(NodeScheduler scheduler, Task task) => _ready.Add((scheduler, task));

    /// <summary>A process has died: what it had still to do is never done.</summary>
    public void Drop(NodeScheduler scheduler) => _ready.RemoveAll(ready => ready.Scheduler == scheduler);

    /// <summary>Goes on until there is nothing to do any more, or <paramref name="until"/> is past, or <paramref name="isEnough"/>.</summary>
    public void Run(TimeSpan until, Func<bool> isEnough)
    {
        while (!isEnough())
        {
            if (_ready.Count > 0)
            {
                var index = _ready.Count == 1 ? 0 : dice.Throw(_ready.Count);
                var (scheduler, task) = _ready[index];
                _ready[index] = _ready[^1];
                _ready.RemoveAt(_ready.Count - 1);
                scheduler.Execute(task);
            }
            else if (_events.TryPeek(out _, out var next) && next.At <= until)
            {
                Now = next.At;
                _events.Dequeue()();
            }
            else
            {
                Now = until;
                return;
            }

            Steps++;
        }
    }
}
