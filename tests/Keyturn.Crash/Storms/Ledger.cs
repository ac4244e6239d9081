using System.Collections.Concurrent;
using Keyturn.Crash.Nodes;

namespace Keyturn.Crash.Storms;

/// <summary>Every answer of every caller since the last judgement.</summary>
internal sealed class Ledger
{
    private readonly ConcurrentQueue<Call> _calls = new();

    public IReadOnlyList<Call> Calls => [.. _calls];

    public void Add(Call call) => _calls.Enqueue(call);

    /// <summary>Waits until the storm is under way: callers of each server have an answer.</summary>
    public async Task UntilAnsweredAsync(int databases)
    {
        while (_calls.Select(call => call.Account.Database).Distinct().Count() < databases)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System);
        }
    }

    public ILookup<Account, Call> ByAccount() => Calls.ToLookup(call => call.Account);
}
