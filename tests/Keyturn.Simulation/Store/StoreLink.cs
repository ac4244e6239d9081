namespace Keyturn.Simulation.Store;

/// <summary>One process's way to the store: each read and each write happens at one instant between the asking and the answer.</summary>
internal sealed class StoreLink(World world, KeyturnNode node)
{
    private SimulatedStore Store => world.Store;

    public async Task<T> ReadAsync<T>(Point point, Func<StoreTables, DateTimeOffset, T> read, CancellationToken cancel = default)
    {
        cancel.ThrowIfCancellationRequested();
        await node.PassAsync(point, Stage.Before);
        var answer = new TaskCompletionSource<T>();
        world.Time.After(world.Time.Latency(), () =>
        {
            if (Store.IsDown)
            {
                answer.SetException(new StoreFault("The store is away."));
                return;
            }

            var found = read(Store.Visible, Store.Now);
            node.Pass(point, Stage.Landed);
            world.Time.After(world.Time.Latency(), () => answer.SetResult(found));
        });
        var result = await answer.Task;
        await node.PassAsync(point, Stage.After);
        cancel.ThrowIfCancellationRequested();
        return result;
    }

    /// <exception cref="StoreFault">Nothing is written, or <paramref name="isUnknown"/> was called.</exception>
    public async Task<T> WriteAsync<T>(Point point, Guid? account, bool isSynced, Func<StoreTables, DateTimeOffset, T> write, Action? isUnknown = null)
    {
        await node.PassAsync(point, Stage.Before);
        var answer = new TaskCompletionSource<T>();
        world.Time.After(world.Time.Latency(), () => Arrive(new Write<T>(point, account, isSynced, write, answer, isUnknown)));
        var result = await answer.Task;
        await node.PassAsync(point, Stage.After);
        return result;
    }

    private sealed record Write<T>(
        Point Point, Guid? Account, bool IsSynced, Func<StoreTables, DateTimeOffset, T> Run, TaskCompletionSource<T> Answer, Action? IsUnknown);

    private void Arrive<T>(Write<T> write)
    {
        if (Store.LockedUntil(write.Account) is var until && until > world.Time.Now)
        {
            world.Time.After(until - world.Time.Now, () => Arrive(write));
        }
        else if (Store.IsDown || Store.RefusesWrites)
        {
            world.Coverage.Count(Seen.StoreRefusedAWrite);
            write.Answer.SetException(new StoreFault("The store cannot write."));
        }
        else
        {
            Land(write, write.IsSynced && world.IsShared && Store.Fates.TryDequeue(out var fate) ? fate : WriteFate.Written);
        }
    }

    private void Land<T>(Write<T> write, WriteFate fate)
    {
        switch (fate)
        {
            case WriteFate.LostWithoutAnswer:
                CutOff(write, fate);
                break;
            case WriteFate.WrittenLate:
                var later = TimeSpan.FromMilliseconds(1 + world.Time.Dice.Throw(20_000));
                Store.Lock(write.Account ?? Guid.Empty, world.Time.Now + later);
                var epoch = Store.Epoch;
                world.Time.After(later, () => Apply(write, epoch));
                CutOff(write, fate);
                break;
            case WriteFate.WrittenLocally:
                write.Run(Store.Visible, Store.Now);
                Store.Wrote(isSynced: false);
                CutOff(write, fate);
                break;
            case WriteFate.WrittenWithoutAnswer:
                Apply(write, Store.Epoch);
                CutOff(write, fate);
                break;
            default:
                WriteAndAnswer(write);
                break;
        }
    }

    private void Apply<T>(Write<T> write, int epoch)
    {
        if (epoch == Store.Epoch)
        {
            write.Run(Store.Visible, Store.Now);
            Store.Wrote(isSynced: true);
        }
    }

    private void CutOff<T>(Write<T> write, WriteFate fate)
    {
        world.Coverage.Count(Seen.WritesWithoutAnswer);
        world.Coverage.Count(Seen.PreparesUnknownAndLost, write.Point == Point.Prepare && fate == WriteFate.LostWithoutAnswer);
        world.Coverage.Count(Seen.PreparesUnknownAndStored, write.Point == Point.Prepare && fate != WriteFate.LostWithoutAnswer);
        node.Pass(write.Point, Stage.Landed);
        Fail(write);
    }

    private void WriteAndAnswer<T>(Write<T> write)
    {
        T result;
        try
        {
            result = write.Run(Store.Visible, Store.Now);
        }
        catch (StoreFault fault)
        {
            write.Answer.SetException(fault);
            return;
        }

        var epoch = Store.Epoch;
        var syncsLater = write.IsSynced && world.Time.Dice.OneIn(8);
        Store.Wrote(write.IsSynced && !syncsLater);
        node.Pass(write.Point, Stage.Landed);
        world.Time.After(world.Time.Latency(), () =>
        {
            if (epoch != Store.Epoch)
            {
                Fail(write);
                return;
            }

            if (syncsLater)
            {
                Store.Wrote(isSynced: true);
            }

            write.Answer.SetResult(result);
        });
    }

    private static void Fail<T>(Write<T> write)
    {
        write.IsUnknown?.Invoke();
        write.Answer.SetException(new StoreFault("The store's answer never came."));
    }
}
