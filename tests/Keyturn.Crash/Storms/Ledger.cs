using System.Collections.Concurrent;
using Keyturn.Crash.Lab;
using Keyturn.Crash.Nodes;

namespace Keyturn.Crash.Storms;

/// <summary>Every answer of every caller since the last judgement.</summary>
internal sealed class Ledger
{
    private readonly ConcurrentQueue<Call> _calls = new();

    public IReadOnlyList<Call> Calls => [.. _calls];

    public void Add(Call call) => _calls.Enqueue(call);

    /// <summary>The longest time in which nobody was told done.</summary>
    public TimeSpan LongestPause()
    {
        var done = Calls.Where(call => call.Told == Told.Done).Select(call => call.Ended).Order().ToList();
        return done.Zip(done.Skip(1), TimeProvider.System.GetElapsedTime).DefaultIfEmpty().Max();
    }

    /// <summary>Waits until the storm is under way: callers of each server have an answer.</summary>
    public async Task UntilAnsweredAsync(int databases)
    {
        while (_calls.Select(call => call.Account.Database).Distinct().Count() < databases)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System);
        }
    }

    /// <summary>Waits until so many more resets of the server's accounts are done.</summary>
    public async Task UntilDoneAsync(Database database, int more, CancellationToken end)
    {
        var before = Done();
        while (Done() < before + more && !end.IsCancellationRequested)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, CancellationToken.None);
        }

        int Done() => _calls.Count(call => call.Told == Told.Done && call.Account.Database == database);
    }

    /// <summary>Waits for a call, so long.</summary>
    public async Task UntilAsync(Func<Call, bool> isThere, TimeSpan limit)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (!_calls.Any(isThere) && TimeProvider.System.GetElapsedTime(started) < limit)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System);
        }
    }

    public ILookup<Account, Call> ByAccount() => Calls.ToLookup(call => call.Account);
}
