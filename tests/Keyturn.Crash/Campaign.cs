using Keyturn.Crash.Judging;
using Keyturn.Crash.Lab;
using Keyturn.Crash.Nodes;
using Keyturn.Crash.Reports;
using Keyturn.Crash.Storms;
using Keyturn.Resets;

namespace Keyturn.Crash;

/// <summary>What every treatment works with: the servers, and a Keyturn with a store of its own that holds accounts on each.</summary>
internal sealed class Campaign(CrashOptions options, IReadOnlyList<Database> databases, StoreCluster? cluster, string folder) : IAsyncDisposable
{
    private Deployment? _main;
    private int _folders;

    public CrashOptions Options => options;

    public IReadOnlyList<Database> Databases => databases;

    /// <summary>What the store of several nodes is on.</summary>
    public StoreCluster Cluster => cluster ?? throw new InvalidOperationException("the lab has no replicated PostgreSQL");

    /// <summary>The Keyturn of those treatments that need nothing special of it, with accounts on every server.</summary>
    public async Task<Deployment> MainAsync()
    {
        if (_main is null)
        {
            _main = Deploy();
            await _main.OpenAsync();
            foreach (var database in databases)
            {
                await _main.AddAsync(database, options.Accounts);
            }
        }

        return _main;
    }

    /// <summary>Another Keyturn, not started yet.</summary>
    /// <param name="storeFolder">Where its store is to be; a folder of its own by default.</param>
    /// <param name="shape">What is special about how its nodes are started.</param>
    public Deployment Deploy(string? storeFolder = null, Func<NodePlan, NodePlan>? shape = null)
    {
        var own = NewFolder();
        var store = options.Nodes > 1 ? Cluster.ConnectionString($"crash_{Guid.NewGuid():N}") : Path.Combine(storeFolder ?? own, "keyturn.db");
        var plan = new NodePlan(options.Keyturn, store, own) { Logs = options.Logs };
        return new Deployment(shape is null ? plan : shape(plan), options.Nodes);
    }

    public string NewFolder() => Directory.CreateDirectory(Path.Combine(folder, $"{Interlocked.Increment(ref _folders)}")).FullName;

    /// <summary>Runs one treatment. What it throws is a fault, and the others go on, on a Keyturn that is not what it left.</summary>
    public async Task<Findings> RunAsync(Treatment treatment, Seeded seeded)
    {
        var findings = new Findings(treatment.Name);
        var started = TimeProvider.System.GetTimestamp();
        try
        {
            await treatment.RunAsync(new Ward(this, findings, seeded.For(treatment.Name)));
        }
        catch (Exception error)
        {
            findings.BrokeOff(error);
            await DisposeAsync();
            _main = null;
        }

        findings.Took = TimeProvider.System.GetElapsedTime(started);
        return findings;
    }

    public ValueTask DisposeAsync() => _main?.DisposeAsync() ?? ValueTask.CompletedTask;
}

/// <summary>One treatment under way.</summary>
internal sealed record Ward(Campaign Campaign, Findings Findings, Seeded Seeded)
{
    public CrashOptions Options => Campaign.Options;

    public Storm Storm(Deployment deployment, Ledger ledger) => new(deployment, ledger, Findings, Seeded);

    public Judgement Judgement(Deployment deployment) => new(deployment, Findings);

    /// <summary>Looks at every account once, in the middle of a storm.</summary>
    public Task GlanceAsync(Deployment deployment) => new Comparison(deployment, Findings).GlanceAsync(deployment.Accounts);

    /// <summary>
    /// A storm over all accounts, what is done in it, and the judgement. A lease is waited for: nobody else finishes a dead node's work sooner.
    /// </summary>
    public async Task StormAsync(Deployment deployment, Func<Ledger, Task> treatAsync)
    {
        var ledger = new Ledger();
        using var end = new CancellationTokenSource();
        var storm = Storm(deployment, ledger).RunAsync(deployment.Accounts, end.Token);
        try
        {
            await treatAsync(ledger);
        }
        finally
        {
            await end.CancelAsync();
            await storm;
        }

        Findings.Paused(ledger.LongestPause());
        await new Comparison(deployment, Findings).RunAsync(deployment.Accounts, Options.SettleLimit + Resetter.Lease);
        await Judgement(deployment).RunAsync(ledger);
    }

    public Task CompareAsync(Deployment deployment, IReadOnlyList<Account>? accounts = null, bool inMotion = false) =>
        new Comparison(deployment, Findings).RunAsync(accounts ?? deployment.Accounts, Options.SettleLimit, inMotion);
}

/// <summary>One row of the table.</summary>
/// <param name="Name">As <c>--only</c> has it.</param>
/// <param name="What">What is done.</param>
/// <param name="Peer">What the peer showed under it.</param>
/// <param name="RunAsync">Does it.</param>
internal sealed record Treatment(string Name, string What, string Peer, Func<Ward, Task> RunAsync);
