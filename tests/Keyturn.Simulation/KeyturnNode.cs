using Keyturn.Checks;
using Keyturn.Engines;
using Keyturn.Passwords;
using Keyturn.Resets;
using Keyturn.Simulation.Servers;
using Keyturn.Simulation.Store;
using Microsoft.Extensions.Logging.Abstractions;

namespace Keyturn.Simulation;

/// <summary>
/// One Keyturn process: the real domain, composed as the server composes it, with a pool, a queue, a clock and a recovery loop of its own.
/// When it dies, nothing of it goes on.
/// </summary>
internal sealed class KeyturnNode
{
    private static readonly AsyncLocal<ClientCall?> RunningCall = new();
    private readonly World _world;
    private readonly TaskCompletionSource _never = new();
    private readonly NodeScheduler _scheduler;
    private readonly Func<ValueTask> _prune;
    private readonly OldPasswords _oldPasswords;
    private readonly List<(int Left, Action Act)> _armed = [];

    public KeyturnNode(World world, int index, TimeSpan clockOffset)
    {
        (_world, Index) = (world, index);
        _scheduler = new NodeScheduler(world.Time);
        Clock = new NodeClock(world.Time, _scheduler, clockOffset);
        var link = new StoreLink(world, this);
        var (resets, secrets, instances) = (new NodeResetStore(world, this, link), new NodeSecretStore(link), new NodeInstanceStore(link));
        var engines = new EngineCatalog([new SimulatedEngine(world, this)]);
        var hops = new HopGate(hop => PassAsync(Point.HopConnected + (int)hop, Stage.Before));
        var queue = new AccountQueue(Clock);
        var replay = new ResetReplay(resets, secrets, instances, Clock, NullLogger<ResetReplay>.Instance);
        var failed = new FailedLogins(world.RefusedLogins);
        var sessions = new AdminSessions(engines, instances, secrets, failed, Clock);
        Reconciler = new Reconciler(engines, sessions, instances, resets, failed, hops, Clock, NullLogger<Reconciler>.Instance);
        Resetter = new Resetter(
            engines, sessions, instances, secrets, resets, queue, Reconciler, replay, instances, failed, hops, Clock, NullLogger<Resetter>.Instance);
        _oldPasswords = new OldPasswords(instances, Resetter, Clock, NullLogger<OldPasswords>.Instance);
        Verifier = new Verifier(engines, sessions, instances, secrets, resets, queue, Reconciler, failed, instances, Clock);
        _prune = sessions.PruneAsync;
        Adopter = new Adopter(engines, sessions, instances, secrets, resets, queue, new GuessLimits(new NoGuesses()), failed, instances, Clock);
        Reader = new SecretReader(instances, secrets, replay, instances);
    }

    public int Index { get; }

    public string Name => $"process {Index}";

    public NodeClock Clock { get; }

    public Resetter Resetter { get; }

    public Reconciler Reconciler { get; }

    public Verifier Verifier { get; }

    public Adopter Adopter { get; }

    public SecretReader Reader { get; }

    public bool IsDead { get; private set; }

    /// <summary>Whose request the running code serves; null in recovery.</summary>
    public static ClientCall? Call => RunningCall.Value;

    /// <summary>Begins to settle what is due, as the server's recovery loop does.</summary>
    public void Start()
    {
        Run(RecoverAsync);
        Run(DiscardAsync);
    }

    public void Serve(ClientCall call, Func<ClientCall, Task> work) => Run(async () =>
    {
        RunningCall.Value = call;
        await work(call);
        call.IsOver = true;
    });

    public void HangUp(ClientCall call) => Run(() =>
    {
        call.HangsUp.Cancel();
        return Task.CompletedTask;
    });

    /// <summary>Once so many more awaits have been passed.</summary>
    public void Arm(int boundaries, Action act) => _armed.Add((boundaries, act));

    public void Disarm() => _armed.Clear();

    /// <summary>A place where the process may die, or something may happen to it.</summary>
    public void Pass(Point point, Stage stage)
    {
        if (IsDead)
        {
            return;
        }

        _world.Time.Note(Index, ((int)point * 3) + (int)stage);
        if (_world.Time.Trace is not null && (stage == Stage.Landed || point >= Point.HopConnected))
        {
            _world.Time.Say(Name, $"{point}{(Call is { } call ? $" for {call.Name}" : "")}");
        }

        Last = (point, stage);
        for (var index = _armed.Count - 1; index >= 0; index--)
        {
            var (left, act) = _armed[index];
            _armed[index] = (left - 1, act);
            if (left == 1)
            {
                _armed.RemoveAt(index);
                act();
            }
        }
    }

    /// <inheritdoc cref="Pass"/>
    public Task PassAsync(Point point, Stage stage)
    {
        Pass(point, stage);
        return IsDead ? _never.Task : Task.CompletedTask;
    }

    public void Pause() => _scheduler.Pause();

    public void GoOn() => _scheduler.GoOn();

    /// <summary>Where it was last.</summary>
    public (Point Point, Stage Stage) Last { get; private set; }

    public void Die()
    {
        IsDead = true;
        _scheduler.Die();
    }

    private void Run(Func<Task> work) => _ = Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.None, _scheduler);

    private async Task DiscardAsync()
    {
        while (true)
        {
            await _world.Store.SomethingIsKept;
            try
            {
                await _oldPasswords.RunDueAsync(CancellationToken.None);
            }
            catch (StoreFault)
            {
                // Tried again at the next look.
            }

            await Task.Delay(TimeSpan.FromSeconds(1), Clock);
        }
    }

    private async Task RecoverAsync()
    {
        while (true)
        {
            try
            {
                await Reconciler.RunDueAsync(CancellationToken.None);
                await _prune();
            }
            catch (StoreFault)
            {
                // Tried again at the next look.
            }

            await Task.Delay(TimeSpan.FromSeconds(1), Clock);
            await _world.Store.SomethingIsOpen;
            if (_world.Store.UntilDue() is var due && due > TimeSpan.FromSeconds(1))
            {
                await Task.WhenAny(Task.Delay(due, Clock), _world.Store.Changed);
            }
        }
    }
}
