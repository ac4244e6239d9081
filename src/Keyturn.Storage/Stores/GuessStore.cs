using Keyturn.Checks;
using Keyturn.Storage.Tables;

namespace Keyturn.Storage.Stores;

/// <summary>Counters of wrong passwords.</summary>
internal sealed class GuessStore(IStoreDatabase database) : IGuessStore
{
    public ValueTask<(IReadOnlyList<GuessCounter> Counters, DateTimeOffset Now)> ReadAsync(IReadOnlyList<string> keys, CancellationToken cancel) => database.ReadAsync(
        async session =>
        {
            var found = new List<GuessCounter>();
            foreach (var key in keys)
            {
                if (await GuessRows.FindAsync(session, key) is { } counter)
                {
                    found.Add(counter);
                }
            }

            return ((IReadOnlyList<GuessCounter>)found, await session.NowAsync());
        },
        cancel);

    /// <summary>A counter that a power cut takes away costs a few guesses.</summary>
    public async ValueTask CountAsync(IReadOnlyList<string> keys, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        await database.WriteAsync(Durability.Committed, async session =>
        {
            var now = await session.NowAsync();
            foreach (var key in keys)
            {
                await GuessRows.CountAsync(session, key, now, now - IGuessStore.QuietTime);
            }

            return true;
        });
    }

    public async ValueTask ForgetAsync(string key, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        await database.WriteAsync(Durability.Committed, async session =>
        {
            await GuessRows.DeleteAsync(session, key);
            return true;
        });
    }
}
