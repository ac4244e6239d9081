using Keyturn.Checks;

namespace Keyturn.Simulation.Store;

/// <summary>Counts no wrong passwords of callers: histories are about what is stored and changed, and a refused guess does neither.</summary>
internal sealed class NoGuesses : IGuessStore
{
    public ValueTask<(IReadOnlyList<GuessCounter> Counters, DateTimeOffset Now)> ReadAsync(IReadOnlyList<string> keys, CancellationToken cancel) =>
        ValueTask.FromResult<(IReadOnlyList<GuessCounter>, DateTimeOffset)>(([], default));

    public ValueTask CountAsync(IReadOnlyList<string> keys, CancellationToken cancel) => ValueTask.CompletedTask;

    public ValueTask ForgetAsync(string key, CancellationToken cancel) => ValueTask.CompletedTask;
}
