using System.Collections.Concurrent;
using Keyturn.Crash.Nodes;

namespace Keyturn.Crash.Storms;

/// <summary>Every answer of every caller since the last judgement.</summary>
internal sealed class Ledger
{
    private readonly ConcurrentQueue<Call> _calls = new();

    public IReadOnlyList<Call> Calls => [.. _calls];

    public int Count => _calls.Count;

    public void Add(Call call) => _calls.Enqueue(call);

    public ILookup<Account, Call> ByAccount() => Calls.ToLookup(call => call.Account);
}
