using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Keyturn.Crash.Lab;

namespace Keyturn.Crash.Nodes;

/// <summary>One account that is treated.</summary>
internal sealed record Account(Database Database, string Instance, string User)
{
    public string Path => $"/api/v1/instances/{Instance}/accounts/{User}";

    public override string ToString() => $"{Database.Name}/{User}";
}

/// <summary>A store, the nodes that share it, and the accounts that they hold.</summary>
internal sealed class Deployment(NodePlan plan, int count) : IAsyncDisposable
{
    private const int MakersPerDatabase = 16;

    /// <summary>A lab is used by several campaigns, one after the other: none meets the accounts of another.</summary>
    private static readonly string Run = Guid.NewGuid().ToString("N")[..6];

    private static int _made;
    private readonly List<Account> _accounts = [];

    public IReadOnlyList<KeyturnNode> Nodes { get; } = [.. Enumerable.Range(0, count).Select(number => new KeyturnNode(plan, number))];

    public NodePlan Plan => plan;

    public IReadOnlyList<Account> Accounts => _accounts;

    /// <summary>Up to which version of each account's secret all answers have been judged.</summary>
    public Dictionary<Account, int> Judged { get; } = [];

    /// <summary>Makes the store and starts every node.</summary>
    public async Task OpenAsync()
    {
        await Nodes[0].InitialiseAsync();
        foreach (var node in Nodes)
        {
            await node.StartAsync();
        }
    }

    /// <summary>The node that this caller speaks to: any that serves.</summary>
    public KeyturnApi Api(int caller)
    {
        var serving = Nodes.Where(node => node.IsServing).ToList();
        return (serving.Count > 0 ? serving[caller % serving.Count] : Nodes[caller % Nodes.Count]).Api;
    }

    /// <summary>Registers a server and makes its accounts, through Keyturn, which holds their passwords from then on.</summary>
    public async Task<IReadOnlyList<Account>> AddAsync(Database database, int accounts, int? port = null, int? statementLimitSeconds = null)
    {
        var made = Interlocked.Increment(ref _made);
        var instance = $"{database.Engine}-{made}";
        await Api(0).ExpectAsync("/api/v1/instances", database.Registration(instance, port, statementLimitSeconds));
        var added = new ConcurrentQueue<Account>();
        var numbers = new ParallelOptions { MaxDegreeOfParallelism = MakersPerDatabase };
        await Parallel.ForAsync(0, accounts, numbers, async (number, _) =>
        {
            var account = new Account(database, instance, $"crash_{Run}_{made}_{number}");
            await Api(number).ExpectAsync($"/api/v1/instances/{instance}/accounts", new JsonObject { ["user"] = account.User, ["reveal"] = false });
            added.Enqueue(account);
        });
        var ordered = added.OrderBy(account => account.User, StringComparer.Ordinal).ToList();
        _accounts.AddRange(ordered);
        return ordered;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var node in Nodes)
        {
            await node.DisposeAsync();
        }
    }
}
