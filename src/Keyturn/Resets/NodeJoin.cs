using System.Collections.Concurrent;
using Keyturn.Access;
using Keyturn.Audit;
using Keyturn.Checks;
using Keyturn.Engines;
using Keyturn.Instances;
using Keyturn.Passwords;
using Microsoft.Extensions.Logging;

namespace Keyturn.Resets;

/// <summary>
/// Brings nodes that were added to an instance up to the present passwords of its accounts, where each node has accounts of its own. An account is
/// brought there by a reset to the password that it has: stored first, fenced, proved and recovered like any other. A node has joined once every held
/// account has been shown to be the same there.
/// </summary>
public sealed partial class NodeJoin(
    EngineCatalog engines, AdminSessions sessions, IInstanceStore instances, ISecretStore secrets, IResetStore resets, Resetter resetter, Reconciler reconciler,
    FailedLogins failed, TimeProvider clock, ILogger<NodeJoin> logger)
{
    /// <summary>When an instance is looked at again whose nodes could not join.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan LookLimit = TimeSpan.FromSeconds(15);
    private const int AtOnce = 4;

    private readonly ConcurrentDictionary<Guid, Attempt> _last = new();
    private readonly UncertainLogins _logins = new(engines, sessions, failed, clock);

    /// <summary>The last attempt of one registration with these nodes. Accounts that were the same everywhere stay so: resets go to all nodes.</summary>
    private sealed record Attempt(int Revision, IReadOnlyList<string> Joining, DateTimeOffset Next, IReadOnlyList<string> Problems, IReadOnlySet<Guid> Brought)
    {
        public bool IsOf(Instance instance) => Revision == instance.Revision && Joining.SequenceEqual(instance.Joining, StringComparer.Ordinal);
    }

    /// <summary>What stands in the way; a reset that is open ends by itself, and soon.</summary>
    private sealed record Obstacle(string Sentence, bool EndsByItself = false);

    /// <summary>What keeps the instance's nodes from joining, as this process last found it; a sentence each.</summary>
    public IReadOnlyList<string> ProblemsOf(Instance instance) =>
        instance.Joining.Count > 0 && LastOf(instance) is { } last ? last.Problems : [];

    /// <summary>One attempt on each instance whose turn it is; returns how many there were.</summary>
    public async Task<int> RunDueAsync(CancellationToken cancel)
    {
        var due = (await instances.ListJoiningAsync(cancel)).Where(IsDue).ToList();
        foreach (var instance in due)
        {
            try
            {
                await RunAsync(instance, cancel);
            }
            catch (Exception error) when (!cancel.IsCancellationRequested)
            {
                Remember(instance, Pause, [$"A fault of Keyturn's own: {error.GetType().Name}."], LastOf(instance)?.Brought ?? new HashSet<Guid>());
                LogFailed(error, instance.Name);
            }
        }

        return due.Count;
    }

    private bool IsDue(Instance instance) =>
        instance.Status == InstanceStatus.Active && !(LastOf(instance) is { } last && clock.GetUtcNow() < last.Next);

    private Attempt? LastOf(Instance instance) => _last.TryGetValue(instance.Id, out var last) && last.IsOf(instance) ? last : null;

    private async Task RunAsync(Instance instance, CancellationToken cancel)
    {
        var brought = new ConcurrentDictionary<Guid, bool>((LastOf(instance)?.Brought ?? new HashSet<Guid>()).Select(account => KeyValuePair.Create(account, true)));
        var obstacles = new ConcurrentQueue<(string Account, Obstacle Obstacle)>();
        var options = new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancel, TaskScheduler = TaskScheduler.Current };
        var accounts = (await instances.ListAccountsAsync(instance.Id, cancel)).Where(account => !brought.ContainsKey(account.Id));
        await Parallel.ForEachAsync(accounts, options, async (account, stopping) =>
        {
            if (await BringAsync(instance, account, stopping) is { } obstacle)
            {
                obstacles.Enqueue((account.Name.ToString(), obstacle));
            }
            else
            {
                brought[account.Id] = true;
            }
        });

        if (!obstacles.IsEmpty)
        {
            var pause = obstacles.All(met => met.Obstacle.EndsByItself) ? TimeSpan.Zero : Pause;
            var problems = obstacles.OrderBy(met => met.Account, StringComparer.Ordinal).Select(met => $"{met.Account}: {met.Obstacle.Sentence}");
            Remember(instance, pause, [.. problems], brought.Keys.ToHashSet());
            if (pause > TimeSpan.Zero)
            {
                LogWaiting(instance.Name, obstacles.Count);
            }

            return;
        }

        var entry = new AuditEntry { Caller = Caller.Keyturn(instance.ProjectId), Action = "instance.join", Outcome = "done", InstanceId = instance.Id, Detail = string.Join(' ', instance.Joining) };
        if (await instances.SetJoiningAsync(instance, [], entry, cancel))
        {
            _last.TryRemove(instance.Id, out _);
            LogJoined(instance.Name, instance.Joining.Count);
        }
    }

    /// <summary>Null once the account is the same on all nodes, or nothing is held of it; else what stands in the way.</summary>
    private async Task<Obstacle?> BringAsync(Instance instance, Account account, CancellationToken cancel)
    {
        // The newest version and the current one are among those; all that decides is read at once.
        var versions = await secrets.ReadAsync(account.Id, limit: 1, cancel);
        if (versions.OpenReset is { } open)
        {
            return await SettleAsync(open, cancel);
        }

        if (versions.Current is not { } current)
        {
            return null;
        }

        if (account.UnverifiedSince is not null)
        {
            return new Obstacle("It was restored from a backup and is not verified yet.");
        }

        // Read after the versions, so that a reset which leaves an old password valid is noticed by one of the two. The old one belongs to the nodes that have it.
        if ((await instances.FindAccountAsync(account.Id, cancel))?.Old is { } old)
        {
            return new Obstacle($"A reset has left its old password valid until {old.Until:u}: the node joins after that, or once the old password is discarded.");
        }

        var (lacking, problem) = await LookAsync(instance, account, current.Password, cancel);
        return problem is not null ? new Obstacle(problem)
            : lacking.Count == 0 ? null
            : (await SpreadAsync(instance, account, current.Password, new PasswordSpread(lacking, versions.Seen), cancel)) is { } failed ? new Obstacle(failed)
            : null;
    }

    /// <summary>A reset that is under way brings the new node its password itself. One of ours that was parked is tried again.</summary>
    private async Task<Obstacle> SettleAsync(Guid resetId, CancellationToken cancel)
    {
        var reset = await resets.FindAsync(resetId, cancel);
        if (reset is { State: ResetState.Parked, Operation: PasswordSpread.Operation })
        {
            await reconciler.SettleAsync(resetId);
        }

        return new Obstacle("A reset of it is not settled yet.", EndsByItself: reset is not { IsOpen: false });
    }

    /// <summary>Which of the joining nodes lack the password. The others must have it: one that was changed behind Keyturn's back is not spread further, nor mended here.</summary>
    private async Task<(IReadOnlyCollection<string> Lacking, string? Problem)> LookAsync(Instance instance, Account account, Secret password, CancellationToken cancel)
    {
        using var deadline = new Deadline(clock, LookLimit, cancel);
        var opened = await OpenNodes.OpenAsync(sessions, engines[instance.Engine].Traits, instance, account.Name, deadline.Token);
        if (opened.Value is not { } open)
        {
            return ([], opened.Failure!.Detail);
        }

        await using (open)
        {
            var found = await new InForce(engines[instance.Engine], failed, clock).LookAsync(open, account.Name, password, expectation: null, deadline.Token);
            var drifted = found.FirstOrDefault(node => !instance.IsJoining(node.Key) && node.Value is not (Evidence.InForce or Evidence.PartlyInForce or Evidence.Accepted));
            return drifted.Key is { } other
                ? ([], $"The stored password is {drifted.Value.Sentence()} at {other}: verify or reset the account first.")
                : await LackingAsync(instance, account, password, found, deadline.Token);
        }
    }

    /// <summary>A joining node whose verifier is right is asked for a login too: that is the proof. Setting the password once more would mend nothing there.</summary>
    private async Task<(IReadOnlyCollection<string> Lacking, string? Problem)> LackingAsync(
        Instance instance, Account account, Secret password, IReadOnlyDictionary<Node, Evidence> found, CancellationToken cancel)
    {
        var lacking = new List<string>();
        foreach (var (node, evidence) in found.Where(node => instance.IsJoining(node.Key)))
        {
            if (evidence == Evidence.InForce && account.Proof == ProofMode.Login)
            {
                var login = await _logins.TryExpectedAsync(instance, node, new Credential(account.Name, password), "joins", cancel);
                if (login.Login != Login.Accepted)
                {
                    return ([], instance.At(node, login.Failure ?? new Failure(EngineError.PasswordNotAsked, "The server let the account in without asking for the password.")).WithNextStep());
                }
            }
            else if (evidence is not (Evidence.InForce or Evidence.Accepted))
            {
                lacking.Add(node.Address);
            }
        }

        return (lacking, null);
    }

    private async Task<string?> SpreadAsync(Instance instance, Account account, Secret password, PasswordSpread spread, CancellationToken cancel)
    {
        var request = new ResetRequest(Caller.Keyturn(instance.ProjectId), instance, account.Name, PasswordSpread.Operation) { Password = password, Spread = spread, Patience = AccountQueue.ShortPatience };
        var outcome = await resetter.RunAsync(request, cancel);
        return outcome switch
        {
            { Refusal: { Error: EngineError.AccountMissing } refusal } => $"{refusal.Detail} Create it there with the rights that it is to have, or remove the node.",
            { Refusal: { } refusal } => refusal.Detail,
            { Reset: { State: ResetState.Done } } => null,
            { Reset: { } reset } => $"Reset {reset.Id} is {reset.State.Word()}: {reset.Cause?.Detail}",
            _ => "No outcome.",
        };
    }

    private void Remember(Instance instance, TimeSpan pause, IReadOnlyList<string> problems, IReadOnlySet<Guid> brought) =>
        _last[instance.Id] = new Attempt(instance.Revision, instance.Joining, clock.GetUtcNow() + pause, problems, brought);

    [LoggerMessage(EventId = 2101, Level = LogLevel.Information, Message = "{Instance}: {Count} nodes joined with the present passwords of all accounts")]
    private partial void LogJoined(string instance, int count);

    [LoggerMessage(EventId = 2102, Level = LogLevel.Warning, Message = "{Instance}: nodes cannot join yet, for {Count} of its accounts")]
    private partial void LogWaiting(string instance, int count);

    [LoggerMessage(EventId = 2103, Level = LogLevel.Error, Message = "{Instance}: bringing its new nodes up to date failed")]
    private partial void LogFailed(Exception error, string instance);
}
