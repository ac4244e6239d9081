using System.Collections.Concurrent;
using Keyturn.Crash.Storms;

namespace Keyturn.Crash.Reports;

/// <summary>What one treatment came to. Anything in <see cref="Faults"/> fails the campaign.</summary>
internal sealed class Findings(string treatment)
{
    private readonly ConcurrentQueue<string> _faults = new();
    private readonly ConcurrentQueue<string> _notes = new();
    private int _times;
    private int _done;
    private int _undecided;
    private int _unchanged;
    private int _nothing;
    private int _compared;
    private int _openAtOnce;
    private int _wrongAtOnce;
    private int _wrong;
    private int _lost;
    private int _lies;
    private long _longestOpen;

    public string Treatment => treatment;

    /// <summary>How often it was done: kills, cuts, hops.</summary>
    public int Times => _times;

    public int Done => _done;

    public int Undecided => _undecided;

    public int Unchanged => _unchanged;

    public int Nothing => _nothing;

    /// <summary>Comparisons of one account: what Keyturn serves against what the server accepts.</summary>
    public int Compared => _compared;

    /// <summary>Served at once and refused by the server.</summary>
    public int WrongAtOnce => _wrongAtOnce;

    /// <summary>Not served at once: a reset was open.</summary>
    public int OpenAtOnce => _openAtOnce;

    /// <summary>From ready to the end of the last of these.</summary>
    public TimeSpan LongestOpen => new(_longestOpen);

    /// <summary>Served when all had ended, and refused by the server.</summary>
    public int Wrong => _wrong;

    /// <summary>Accounts or resets that Keyturn knew and knows no more.</summary>
    public int Lost => _lost;

    /// <summary>Answers that were not true, then or later.</summary>
    public int Lies => _lies;

    /// <summary>The longest time in which no reset was done, though asked for.</summary>
    public TimeSpan LongestPause { get; private set; }

    public string? Skipped { get; set; }

    public TimeSpan Took { get; set; }

    public IReadOnlyList<string> Faults => [.. _faults];

    public IReadOnlyList<string> Notes => [.. _notes];

    public bool IsGood => _faults.IsEmpty;

    public void Count(IEnumerable<Call> calls)
    {
        foreach (var call in calls)
        {
            _ = call.Told switch
            {
                Told.Done => Interlocked.Increment(ref _done),
                Told.Undecided => Interlocked.Increment(ref _undecided),
                Told.Unchanged => Interlocked.Increment(ref _unchanged),
                _ => Interlocked.Increment(ref _nothing),
            };
        }
    }

    public void HappenedOnce() => Interlocked.Increment(ref _times);

    public void WasCompared() => Interlocked.Increment(ref _compared);

    public void WasOpen() => Interlocked.Increment(ref _openAtOnce);

    public void WasOpenFor(TimeSpan time) => _longestOpen = Math.Max(_longestOpen, time.Ticks);

    public void Paused(TimeSpan time) => LongestPause = time > LongestPause ? time : LongestPause;

    public void IsWrongAtOnce(string what) => Fault(ref _wrongAtOnce, what);

    public void IsWrong(string what) => Fault(ref _wrong, what);

    public void IsLost(string what) => Fault(ref _lost, what);

    public void Lie(string what) => Fault(ref _lies, what);

    /// <summary>Whatever else must not be.</summary>
    public void Fault(string what) => _faults.Enqueue(what);

    /// <summary>First of the faults, because the others may come of it.</summary>
    public void BrokeOff(Exception error)
    {
        var before = _faults.ToList();
        _faults.Clear();
        _faults.Enqueue($"The treatment broke off: {error}");
        before.ForEach(_faults.Enqueue);
    }

    public void Note(string what) => _notes.Enqueue(what);

    private void Fault(ref int count, string what)
    {
        Interlocked.Increment(ref count);
        _faults.Enqueue(what);
    }
}
