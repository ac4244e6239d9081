using Keyturn.Access;
using Keyturn.Checks;
using Keyturn.Engines;
using Keyturn.Instances;
using Keyturn.Passwords;
using Keyturn.Resets;
using Keyturn.Rotations;
using Keyturn.Sessions;
using Keyturn.Storage;
using Keyturn.Storage.Care;
using Keyturn.Storage.Sealing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Keyturn.Tests.Resets;

/// <summary>The real protocol on a real store, with simulated servers behind it, and a process that can die.</summary>
public sealed class World : IAsyncDisposable
{
    public static readonly AccountName App = new("app");
    private static readonly AccountName Admin = new("admin");
    private readonly string _folder = Directory.CreateTempSubdirectory("keyturn-world-").FullName;
    private readonly MasterKeys _keys = new(MasterKey.Generate());
    private readonly EngineTraits _traits;
    private Store _store = null!;
    private HopGate _hops = HopGate.Open;

    private World(int nodes, NodeRole role, EngineTraits? traits, int registered)
    {
        Servers = [.. Enumerable.Range(1, nodes).Select(node => new SimulatedServer($"node{node}") { ["admin"] = "admin-secret", ["app"] = "old" })];
        _traits = traits is { } given ? given : nodes > 1 && role != NodeRole.Peer ? EngineTraits.ChangeIsPerNode : EngineTraits.None;
        Instance = new Instance
        {
            Id = Guid.NewGuid(),
            ProjectId = Guid.NewGuid(),
            Name = "world",
            Engine = "simulated",
            Nodes = [.. Servers.Take(registered).Select(server => new Node(server.Address, 1, role))],
            Tls = new TlsSettings(),
            Admin = Admin,
            ServerIdentity = string.Join(' ', Servers.Select(server => server.Address)),
            ServerVersion = "1",
            CreatedAt = Clock.GetUtcNow(),
        };
        Caller = new Caller(Guid.NewGuid(), "tester", Instance.ProjectId, "local", "-");
    }

    public Clock Clock { get; } = new();

    public IReadOnlyList<SimulatedServer> Servers { get; }

    public SimulatedServer Server => Servers[0];

    public Instance Instance { get; private set; }

    public Caller Caller { get; }

    public Resetter Resetter { get; private set; } = null!;

    public Reconciler Reconciler { get; private set; } = null!;

    public OldPasswords OldPasswords { get; private set; } = null!;

    public Verifier Verifier { get; private set; } = null!;

    public Adopter Adopter { get; private set; } = null!;

    public GuessLimits Limits { get; private set; } = null!;

    public Checker Checker { get; private set; } = null!;

    public Roster Roster { get; private set; } = null!;

    public SecretReader Reader { get; private set; } = null!;

    public OldSessions Sessions { get; private set; } = null!;

    public RestoredAccounts Restored { get; private set; } = null!;

    public Registrar Registrar { get; private set; } = null!;

    public NodeJoin Join { get; private set; } = null!;

    public ReplicaWait Replicas { get; private set; } = null!;

    public Scheduler Scheduler { get; private set; } = null!;

    public Rotator Rotator { get; private set; } = null!;

    public IResetStore Store => _store.Resets;

    /// <summary>The audit log that all of them write to.</summary>
    internal WorldAudit Audit { get; private set; } = null!;

    public Store Whole => _store;

    /// <summary>What a node sees of the store's answers to prepare.</summary>
    public AdminSessions AdminSessions { get; private set; } = null!;

    public Func<ResetIntent, IResetStore, Task<PrepareResult>> OnPrepare { get; set; } = (intent, store) => store.PrepareAsync(intent).AsTask();

    /// <param name="nodes">How many servers there are.</param>
    /// <param name="role">What they are registered as.</param>
    /// <param name="traits">Of their engine; by default each of several has accounts of its own, unless they are peers.</param>
    /// <param name="registered">How many of them the instance has; all by default.</param>
    public static async Task<World> CreateAsync(int nodes = 1, NodeRole role = NodeRole.Primary, EngineTraits? traits = null, int? registered = null)
    {
        var world = new World(nodes, role, traits, registered ?? nodes);
        world._store = await Storage.Store.CreateAsync(world.StorePath, world._keys, world.Clock);
        var project = new Project(world.Instance.ProjectId, "default", "default", world.Clock.GetUtcNow());
        await world._store.Principals.AddProjectAsync(project, default);
        await world._store.Principals.AddAsync(new Principal(world.Caller.PrincipalId, project.Id, "tester", project.CreatedAt) { IsOwner = true }, audit: null, default);
        var admin = new Account(Guid.NewGuid(), world.Instance.Id, Admin, ProofMode.Login, world.Clock.GetUtcNow());
        var entry = new Keyturn.Audit.AuditEntry { Caller = world.Caller, Action = "instance.register", Outcome = "done" };
        (await world._store.Instances.AddAsync(world.Instance, admin, new Secret("admin-secret"), entry, default)).ShouldBe(RegistrationResult.Stored);
        world.Compose();
        return world;
    }

    /// <summary>Runs one thing into a hop and kills the process there.</summary>
    public async Task DieAtAsync(Hop hop, Func<World, Task> doing)
    {
        var (reached, _) = HoldAt(hop);
        _ = doing(this);
        await reached.WaitAsync(TimeSpan.FromSeconds(10));
        await RestartAsync();
    }

    public Task<ResetOutcome> ResetAsync(string? password = null, string? key = null, ProofMode? proof = null, TimeSpan? keepOldFor = null, CancellationToken cancel = default) =>
        Resetter.RunAsync(Request(password) with { IdempotencyKey = key, Proof = proof, KeepOldFor = keepOldFor }, cancel);

    public ResetRequest DiscardOld() => Request() with { Kind = ResetKind.DiscardOld };

    public ResetRequest Request(string? password = null) => new(Caller, Instance, App, "test.reset")
    {
        Password = password is null ? null : new Secret(password),
        Patience = TimeSpan.FromSeconds(5),
    };

    /// <summary>Registers the instance with other nodes.</summary>
    public async Task ChangeNodesAsync(IEnumerable<Node> nodes)
    {
        var changed = Instance with { Nodes = [.. nodes], Revision = Instance.Revision + 1 };
        var entry = new Keyturn.Audit.AuditEntry { Caller = Caller, Action = "instance.change", Outcome = "done" };
        (await _store.Instances.ReplaceAsync(changed, entry, default)).ShouldBe(RegistrationResult.Stored);
        Instance = changed;
    }

    /// <summary>What an operator would send to register the instance with these nodes.</summary>
    public InstanceDraft Draft(params IEnumerable<Node> nodes) => new() { Name = Instance.Name, Engine = Instance.Engine, Nodes = [.. nodes], Admin = Admin };

    /// <summary>The node that a server is registered as.</summary>
    public static Node NodeOf(SimulatedServer server) => new(server.Address, 1);

    /// <summary>Changes the registration as an operator does, which takes new nodes in.</summary>
    public async Task<RegisterOutcome> RegisterNodesAsync(params IEnumerable<Node> nodes)
    {
        var outcome = await Registrar.ChangeAsync(Caller, Instance, Draft(nodes), default);
        Instance = outcome.Instance ?? Instance;
        return outcome;
    }

    /// <summary>The instance as it is stored now.</summary>
    public async Task<Instance> ReadAsync() => Instance = (await _store.Instances.FindAnyAsync(Instance.Id, default))!;

    /// <summary>Runs a reset into a hop and kills the process there: the run never goes on, its sessions are never closed.</summary>
    public Task DieAtAsync(Hop hop, string? password = null) => DieAtAsync(hop, Request(password));

    public Task DieAtAsync(Hop hop, ResetRequest request) => DieAtAsync(hop, world => world.Resetter.RunAsync(request, default));

    /// <summary>Resets begun from now on wait at a hop; the first result is done when one has come there, setting the second lets them go on.</summary>
    public (Task Reached, TaskCompletionSource GoOn) HoldAt(Hop hop)
    {
        var (reached, goOn) = (new TaskCompletionSource(), new TaskCompletionSource());
        _hops = new HopGate(at =>
        {
            if (at != hop)
            {
                return Task.CompletedTask;
            }

            reached.TrySetResult();
            return goOn.Task;
        });
        Compose();
        return (reached.Task, goOn);
    }

    /// <summary>The process dies while the server works on the change, which may land any time later.</summary>
    public Task DieWhileSendingAsync(string password) => DieWhileSendingAsync(Request(password));

    public async Task DieWhileSendingAsync(ResetRequest request)
    {
        Server.Fates.Enqueue(Fate.Hang);
        _ = Resetter.RunAsync(request, default);
        await Server.HasStatementUnderWay.Task.WaitAsync(TimeSpan.FromSeconds(10));
        await RestartAsync();
    }

    /// <summary>The process is gone, another one starts on the same store.</summary>
    public async Task RestartAsync()
    {
        _hops = HopGate.Open;
        await _store.DisposeAsync();
        _store = await Storage.Store.OpenAsync(StorePath, _keys, Clock);
        Compose();
    }

    /// <summary>The store as it is now, in a file.</summary>
    public async Task<string> BackUpAsync()
    {
        var file = Path.Combine(_folder, $"backup-{Guid.NewGuid():N}");
        (await StoreBackup.WriteAsync(StorePath, file, _keys, Clock, default)).Findings.ShouldBeEmpty();
        return file;
    }

    /// <summary>The store is lost; another process starts on what a backup makes.</summary>
    public async Task RestoreAsync(string backup)
    {
        await _store.DisposeAsync();
        File.Delete(StorePath);
        (await StoreRestore.RunAsync(backup, StorePath, _keys, acceptDamage: false, allowAsynchronous: false, Clock)).Findings.ShouldBeEmpty();
        _store = await Storage.Store.OpenAsync(StorePath, _keys, Clock);
        Compose();
    }

    /// <summary>Another process on the same store: what the world has from now on is its. What was taken before goes on beside it.</summary>
    public void StartAnotherNode()
    {
        _hops = HopGate.Open;
        Compose();
    }

    public async Task<ResetRecord> LastResetAsync() => (await Store.ListAsync(Instance.Id, accountId: null, limit: 1, default)).Single();

    /// <summary>The account as Keyturn holds it.</summary>
    public async Task<Account> AccountAsync() => (await Whole.Instances.FindAccountAsync(Instance.Id, App, default))!;

    /// <summary>What Keyturn serves as the account's password; null when it serves none.</summary>
    public async Task<string?> ServedAsync() => (await Reader.RevealAsync(Caller, Instance, App, default)).Versions.SingleOrDefault()?.Password.Reveal();

    public async ValueTask DisposeAsync()
    {
        await _store.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private string StorePath => Path.Combine(_folder, "store.db");

    private void Compose()
    {
        var engines = new EngineCatalog([new SimulatedEngine(Servers, _traits)]);
        var failed = new FailedLogins(_store.Guesses);
        Audit = new WorldAudit(_store.Audit);
        var sessions = AdminSessions = new AdminSessions(engines, _store.Instances, _store.Secrets, failed, Clock);
        var queue = new AccountQueue(Clock);
        var resets = PrepareProxy.Before(_store.Resets, intent => OnPrepare(intent, _store.Resets));
        var replay = new ResetReplay(_store.Resets, _store.Secrets, Audit, Clock, NullLogger<ResetReplay>.Instance);
        Reconciler = new Reconciler(engines, sessions, _store.Instances, _store.Resets, failed, _hops, Clock, NullLogger<Reconciler>.Instance);
        Resetter = new Resetter(
            engines, sessions, _store.Instances, _store.Secrets, resets, queue, Reconciler, replay, Audit, failed, _hops, Clock, NullLogger<Resetter>.Instance);
        OldPasswords = new OldPasswords(_store.Instances, Resetter, Clock, NullLogger<OldPasswords>.Instance);
        Verifier = new Verifier(engines, sessions, _store.Instances, _store.Secrets, _store.Resets, queue, Reconciler, failed, Audit, Clock);
        Restored = new RestoredAccounts(_store.Instances, Verifier, NullLogger<RestoredAccounts>.Instance);
        Scheduler = new Scheduler(_store.Instances, _store.Schedules);
        Rotator = new Rotator(_store.Instances, _store.Schedules, Resetter, Clock, NullLogger<Rotator>.Instance);
        Limits = new GuessLimits(_store.Guesses);
        Registrar = new Registrar(engines, sessions, _store.Instances, _store.Secrets, _store.Resets, Limits, Audit, Clock);
        Adopter = new Adopter(engines, sessions, _store.Instances, _store.Secrets, _store.Resets, queue, Limits, failed, Audit, Clock);
        Checker = new Checker(engines, sessions, Limits, failed, Audit, Clock);
        Join = new NodeJoin(engines, sessions, _store.Instances, _store.Secrets, _store.Resets, Resetter, Reconciler, failed, Clock, NullLogger<NodeJoin>.Instance);
        Replicas = new ReplicaWait(engines, sessions, failed, Clock);
        Roster = new Roster(engines, sessions, _store.Instances, _store.Resets, queue, Audit, Clock);
        Sessions = new OldSessions(engines, sessions, _store.Instances, _store.Secrets, _store.Resets, Audit, Clock);
        Reader = new SecretReader(_store.Instances, _store.Secrets, replay, Audit);
    }
}
