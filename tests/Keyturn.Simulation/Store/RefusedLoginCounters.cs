using Keyturn.Checks;

namespace Keyturn.Simulation.Store;

/// <summary>Keyturn's own refused logins, by the store's clock. They never fail: what matters to a history is that a login has to wait.</summary>
internal sealed class RefusedLoginCounters(SimulatedStore store) : IGuessStore
{
    private readonly Dictionary<string, GuessCounter> _counters = new(StringComparer.Ordinal);

    public ValueTask<(IReadOnlyList<GuessCounter> Counters, DateTimeOffset Now)> ReadAsync(IReadOnlyList<string> keys, CancellationToken cancel) =>
        ValueTask.FromResult<(IReadOnlyList<GuessCounter>, DateTimeOffset)>(([.. keys.Where(_counters.ContainsKey).Select(key => _counters[key])], store.Now));

    public ValueTask CountAsync(IReadOnlyList<string> keys, CancellationToken cancel)
    {
        foreach (var key in keys)
        {
            _counters[key] = new GuessCounter(key, _counters.GetValueOrDefault(key)?.Failures + 1 ?? 1, store.Now);
        }

        return ValueTask.CompletedTask;
    }

    public ValueTask ForgetAsync(string key, CancellationToken cancel)
    {
        _counters.Remove(key);
        return ValueTask.CompletedTask;
    }
}
