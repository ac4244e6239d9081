using Keyturn.Instances;

namespace Keyturn.Simulation.Store;

/// <summary>
/// The one store of all processes: what is seen, what a failed machine leaves of it, and how it fails. A synced write is durable before its
/// answer goes out; another one is seen by everybody at once, and durable with the next synced one.
/// </summary>
internal sealed class SimulatedStore(World world, Instance instance)
{
    private readonly Dictionary<Guid, TimeSpan> _locked = [];
    private StoreTables _durable = new(instance);
    private TaskCompletionSource _changed = new();
    private TaskCompletionSource _somethingIsOpen = new();
    private TaskCompletionSource _somethingIsKept = new();

    public StoreTables Visible { get; private set; } = new(instance) { Broken = world.Broken };

    public StoreTables Durable => _durable;

    /// <summary>Raised when its machine fails and another takes over.</summary>
    public int Epoch { get; private set; }

    public TimeSpan DownUntil { get; set; }

    public TimeSpan RefusesWritesUntil { get; set; }

    /// <summary>Of the writes to come.</summary>
    public Queue<WriteFate> Fates { get; } = new();

    public TimeSpan ClockOffset { get; set; }

    public DateTimeOffset Now => Timeline.Start + world.Time.Now + ClockOffset;

    public bool IsDown => world.Time.Now < DownUntil;

    public bool RefusesWrites => world.Time.Now < RefusesWritesUntil;

    /// <summary>As far as nobody else has begun anything: when recovery has something to do. Real processes look each second; most looks see nothing.</summary>
    public TimeSpan UntilDue()
    {
        var open = Visible.Resets.Where(row => row.Record.IsOpen).ToList();
        return open.Count == 0 ? Timeout.InfiniteTimeSpan : open.Min(row => (row.LeaseUntil > row.NextAttemptAt ? row.LeaseUntil : row.NextAttemptAt) - Now);
    }

    /// <summary>Done while a reset is open.</summary>
    public Task SomethingIsOpen => _somethingIsOpen.Task;

    /// <summary>Done while an old password is to be discarded some day.</summary>
    public Task SomethingIsKept => _somethingIsKept.Task;

    /// <summary>Done at the next write.</summary>
    public Task Changed => _changed.Task;

    /// <summary>When the write of another node that holds the account has ended.</summary>
    public TimeSpan LockedUntil(Guid? account) => account is { } id ? _locked.GetValueOrDefault(id) : TimeSpan.Zero;

    public void Lock(Guid account, TimeSpan until) => _locked[account] = until;

    public void Wrote(bool isSynced)
    {
        if (isSynced)
        {
            Sync();
        }

        world.Judge.Look();
        _changed.TrySetResult();
        _changed = new TaskCompletionSource();
        _somethingIsOpen = Done(_somethingIsOpen, Visible.Resets.Any(row => row.Record.IsOpen));
        _somethingIsKept = Done(_somethingIsKept, Visible.Accounts.Any(account => account.Old is not null));
    }

    private static TaskCompletionSource Done(TaskCompletionSource before, bool isSo)
    {
        if (isSo)
        {
            before.TrySetResult();
        }

        return isSo || !before.Task.IsCompleted ? before : new TaskCompletionSource();
    }

    public void Sync()
    {
        if (_durable.Version != Visible.Version)
        {
            _durable = Visible.Copy();
        }
    }

    /// <summary>The machine is lost, and with it what was not synced.</summary>
    public void FailOver(TimeSpan downFor)
    {
        Epoch++;
        world.Coverage.Count(Seen.StoreFailedOver);
        world.Coverage.Count(Seen.CommitsLostWithTheStore, _durable.Version != Visible.Version);
        Visible = _durable.Copy();
        DownUntil = world.Time.Now + downFor;
        Wrote(isSynced: false);
    }
}
