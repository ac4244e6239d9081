using Keyturn.Access;
using Keyturn.Audit;
using Keyturn.Engines;
using Keyturn.Instances;
using Keyturn.Passwords;
using Keyturn.Resets;
using Keyturn.Storage.Sealing;
using Keyturn.Storage.Sqlite;

namespace Keyturn.Storage.Tests;

/// <summary>Which database holds the store of a test.</summary>
public enum StoreKind
{
    /// <summary>A file.</summary>
    Sqlite,

    /// <summary>A database of the lab's PostgreSQL.</summary>
    PostgreSql,
}

/// <summary>A real store in a real file, with one project and one instance, and what tests write into it.</summary>
internal sealed class TestStore : IAsyncDisposable
{
    public static readonly TimeSpan Lease = TimeSpan.FromSeconds(60);

    private readonly TempFolder _folder = new();

    private TestDatabase? _database;
    private bool _isClosed;

    private TestStore(StoreKind kind) => Kind = kind;

    public StoreKind Kind { get; }

    public Store Store { get; private set; } = null!;

    public SqliteDatabase Sqlite => (SqliteDatabase)Store.Database;

    public ManualClock Clock { get; } = new();

    public MasterKeys MasterKeys { get; } = new(MasterKey.Generate());

    public Guid ProjectId { get; } = Guid.NewGuid();

    public Guid PrincipalId { get; } = Guid.NewGuid();

    public Instance Instance { get; private set; } = null!;

    public Account Admin { get; private set; } = null!;

    public string Path => _folder.File("keyturn.db");

    /// <summary>The file, or the connection string.</summary>
    public string Where => _database?.Address ?? Path;

    public TempFolder Folder => _folder;

    public Caller Caller => new(PrincipalId, "tester", ProjectId, "127.0.0.1", "request-1");

    /// <param name="kind">Of database.</param>
    /// <param name="lab">Its lab.json, where it is not the one that the tests share.</param>
    public static async Task<TestStore> CreateAsync(StoreKind kind, string? lab = null)
    {
        var test = new TestStore(kind);
        if (kind == StoreKind.PostgreSql)
        {
            test._database = TestDatabase.Find(lab);
        }

        // The lab's PostgreSQL has a replica, for other tests, that it does not wait for.
        test.Store = await Store.CreateAsync(test.Where, test.MasterKeys, test.Clock, allowAsynchronous: true);
        if (test._database is { } database)
        {
            database.StopClock(test.Clock.Now);
            test.Clock.Moved = database.StopClock;
        }

        await test.Store.Principals.AddProjectAsync(new Project(test.ProjectId, "default", "default", test.Clock.Now), default);
        await test.Store.Principals.AddAsync(new Principal(test.PrincipalId, test.ProjectId, "tester", test.Clock.Now), audit: null, default);
        test.Instance = test.NewInstance("first");
        test.Admin = test.NewAccount("admin");
        (await test.Store.Instances.AddAsync(test.Instance, test.Admin, new Secret("admin-password"), test.Audit("instance.register"), default))
            .Conflict.ShouldBe(RegistrationConflict.None);
        return test;
    }

    /// <summary>Closes the store as a process that ends well does, and opens it again.</summary>
    public async Task ReopenAsync()
    {
        await CloseAsync();
        Store = await Store.OpenAsync(Where, MasterKeys, Clock, allowAsynchronous: true);
        _isClosed = false;
    }

    /// <summary>Closes the store for good, unless it is reopened.</summary>
    public async Task CloseAsync()
    {
        if (!_isClosed && Store is not null)
        {
            await Store.DisposeAsync();
            _isClosed = true;
        }
    }

    public Instance NewInstance(string name) => new()
    {
        Id = Guid.NewGuid(),
        ProjectId = ProjectId,
        Name = name,
        Engine = "postgresql",
        Nodes = [new Node("db.example.org", 5432)],
        Tls = new TlsSettings(),
        Admin = new AccountName("admin"),
        ServerIdentity = $"identity-of-{name}",
        ServerVersion = "15.8",
        CreatedAt = Clock.Now,
    };

    public Account NewAccount(string user, string? host = null) =>
        new(Guid.NewGuid(), Instance.Id, new AccountName(user, host), ProofMode.Login, Clock.Now);

    public AuditEntry Audit(string action, string outcome = "done") =>
        new() { Caller = Caller, Action = action, Outcome = outcome, InstanceId = Instance.Id };

    public ResetIntent Intent(Account account, string password = "new-password") => new()
    {
        ResetId = Guid.NewGuid(),
        Account = account,
        Kind = ResetKind.Reset,
        Password = new Secret(password),
        Proof = account.Proof,
        PrincipalId = PrincipalId,
        Operation = "api.reset",
        RequestDigest = Store.Resets.Digest(password),
        Nodes = [new NodeProgress(Instance.Nodes[0], new ServerSession("4711", "2026-01-02 03:04:05"))],
        Lease = Lease,
        SettleWithin = TimeSpan.FromMinutes(15),
        Audit = Audit("account.reset", "prepared"),
    };

    /// <summary>What somebody who looks now sees.</summary>
    public async Task<VersionsSeen> SeenAsync(Guid accountId) => (await Store.Secrets.ReadAsync(accountId, limit: 1, default)).Seen;

    /// <summary>Prepares, and expects no conflict.</summary>
    public async Task<ResetIntent> PrepareAsync(ResetIntent intent)
    {
        (await Store.Resets.PrepareAsync(intent)).Conflict.ShouldBe(PrepareConflict.None);
        return intent;
    }

    public Task<ResetIntent> PrepareAsync(Account account, string password = "new-password") => PrepareAsync(Intent(account, password));

    public ResetEnd End(ResetIntent intent, ResetState state, long fence = 1) => new()
    {
        ResetId = intent.ResetId,
        Fence = fence,
        State = state,
        Cause = state == ResetState.Done ? null : new Failure(EngineError.TimedOut, "no answer"),
        Nodes = [intent.Nodes[0] with { Step = state == ResetState.Done ? NodeStep.Proved : NodeStep.Sent, Proof = state == ResetState.Done ? ProofMode.Login : null }],
        Events = [new ResetEvent(Clock.Now, state.Word(), intent.Nodes[0].Node.Address, "It has ended.")],
        Audit = Audit("account.reset", state.Word()),
    };

    /// <summary>Finishes under the first fence, and expects it to be the newest.</summary>
    public async Task FinishAsync(ResetIntent intent, ResetState state, long fence = 1) =>
        (await Store.Resets.FinishAsync(End(intent, state, fence))).ShouldBeTrue();

    public async Task<Account> AdoptedAccountAsync(string user, string password, string? host = null)
    {
        var account = NewAccount(user, host);
        (await Store.Secrets.AdoptAsync(account, new Secret(password), await SeenAsync(account.Id), Audit("account.adopt"), default)).ShouldBeTrue();
        return account;
    }

    public async Task<IReadOnlyList<(int Version, SecretState State, string Password)>> VersionsAsync(Guid accountId) =>
        [.. (await Store.Secrets.ReadAsync(accountId, limit: 100, default)).Versions.Select(version => (version.Version, version.State, version.Password.Reveal()))];

    /// <summary>Behind the store's back.</summary>
    public Task ExecuteAsync(string sql, params (string Name, object? Value)[] parameters) =>
        Store.Database.WriteAsync(Durability.Committed, session => session.ExecuteAsync(sql, parameters));

    /// <summary>What a statement says, which the store has no question for.</summary>
    public async Task<long> NumberAsync(string sql) => (await Store.Database.ReadAsync(session => session.FirstNumberAsync(sql), default)) ?? 0;

    /// <summary>Behind the store's back, where it is on PostgreSQL.</summary>
    public void Execute(string sql) => (_database ?? throw new InvalidOperationException("This store is a file.")).Execute(sql);

    /// <summary>All that a thief of the store has, as text.</summary>
    public IEnumerable<string> Contents() => _database is { } database ? [database.Dump()] : Folder.Files().Select(ReadShared);

    /// <summary>As nothing but an accident would.</summary>
    public async Task DeleteDataKeysAsync()
    {
        if (_database is { } database)
        {
            database.Execute("ALTER TABLE data_keys DISABLE TRIGGER ALL; DELETE FROM data_keys");
            return;
        }

        using var other = SqliteSession.OpenWriter(Path, Clock);
        other.ExecuteScript("PRAGMA foreign_keys = OFF; DELETE FROM data_keys;");
        await Task.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await CloseAsync();
        _database?.Dispose();
        _folder.Dispose();
    }

    private static string ReadShared(string path)
    {
        if (path.EndsWith(".lock", StringComparison.Ordinal))
        {
            return "";
        }

        using var file = new StreamReader(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite), System.Text.Encoding.Latin1);
        return file.ReadToEnd();
    }
}
