using System.Security.Cryptography;
using Keyturn.Access;
using Keyturn.Audit;
using Keyturn.Checks;
using Keyturn.Engines;
using Keyturn.Instances;
using Microsoft.Extensions.Logging;

namespace Keyturn.Resets;

/// <summary>
/// Brings open resets to their end: after a crash, after an answer that never came, after a server that was away. The only recovery
/// path, and idempotent: it may die at any point and be run again.
/// </summary>
public sealed partial class Reconciler(
    EngineCatalog engines, AdminSessions sessions, IInstanceStore instances, IResetStore store, FailedLogins failed, HopGate hops, TimeProvider clock,
    ILogger<Reconciler> logger)
{
    /// <summary>Longest pause between two attempts.</summary>
    public static readonly TimeSpan MaxPause = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan ConnectLimit = TimeSpan.FromSeconds(15);
    private const int AtOnce = 8;

    private readonly ResetSteps _steps = new(engines, store, failed, hops, clock);

    /// <summary>Settles what is due, several at once; returns how many there were.</summary>
    public async Task<int> RunDueAsync(CancellationToken cancel)
    {
        var due = await store.DueAsync(limit: 100, cancel);
        // On the caller's scheduler, like everything else of the domain; the default would be the thread pool's.
        var options = new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancel, TaskScheduler = TaskScheduler.Current };
        await Parallel.ForEachAsync(due, options, async (resetId, _) =>
        {
            try
            {
                await SettleAsync(resetId);
            }
            catch (Exception error)
            {
                // Its lease runs out, and it is due again; the others go on.
                LogAttemptFailed(error, resetId);
            }
        });
        return due.Count;
    }

    /// <summary>
    /// One attempt on one reset, open or parked. Returns where it stands afterwards; null if another worker has it or it had ended.
    /// </summary>
    public async Task<ResetState?> SettleAsync(Guid resetId)
    {
        if (await store.TakeOverAsync(resetId, Lease, CancellationToken.None) is not { } taken)
        {
            return null;
        }

        var reset = taken.Reset;
        var story = new ResetStory(clock, reset.Nodes);
        story.Add("took over", $"Attempt {reset.Attempts}: finding out which password is in force.");
        var instance = await instances.FindAnyAsync(reset.Account.InstanceId, CancellationToken.None);
        var (state, cause) = instance is null
            ? (ResetState.Parked, new Failure(EngineError.Unreachable, "The instance is no longer registered."))
            : await AttemptAsync(taken, instance, story);
        if (!await store.FinishAsync(End(reset, instance?.ProjectId ?? Guid.Empty, story, state, cause)))
        {
            return null;
        }

        Telemetry.Settlements.Add(1, new KeyValuePair<string, object?>("state", state.ToString()));
        LogSettled(resetId, state, cause?.Error ?? EngineError.None);
        return state;
    }

    /// <summary>
    /// Ends the sessions that an earlier worker sent on, each on its own node; null when all are shown to be over. A session that has come
    /// back to us from the warm ones is not ended: all that was sent on it has been answered, or it would not have been kept.
    /// </summary>
    internal static ValueTask<Failure?> EndSessionsAsync(OpenNodes open, IReadOnlyList<NodeProgress> earlier, CancellationToken cancel) =>
        EndSessionsAsync([.. open.Nodes.Select(node => node.Lent)], earlier, cancel);

    private static async ValueTask<Failure?> EndSessionsAsync(IReadOnlyList<LentSession> open, IReadOnlyList<NodeProgress> earlier, CancellationToken cancel)
    {
        foreach (var old in earlier)
        {
            // A server that goes by another address now knows the session by its id and start. One that is no node any more holds nobody's password.
            var there = open.Where(now => now.Node.Address == old.Node.Address).ToList();
            foreach (var now in there.Count > 0 ? there : open)
            {
                if (await EndSessionAsync(now.Session, old, cancel) is { } failure)
                {
                    return failure;
                }
            }
        }

        return null;
    }

    private static async ValueTask<Failure?> EndSessionAsync(IAdminSession admin, NodeProgress old, CancellationToken cancel)
    {
        if (admin.Session == old.Session)
        {
            return null;
        }

        var end = await admin.EndSessionAsync(old.Session, cancel);
        return end.End == SessionEnd.Gone ? null : end.Failure ?? new Failure(EngineError.Busy, $"{old.Node}: the earlier session could not be shown to be over.");
    }

    /// <summary>
    /// A fault of the engine's, or of the store's, is tried again like an error that may pass; one that stays so until the time to roll forward
    /// is over parks the reset, so that a person comes to know of it.
    /// </summary>
    private async Task<(ResetState State, Failure? Cause)> AttemptAsync(TakenReset taken, Instance instance, ResetStory story)
    {
        try
        {
            return await TrySettleAsync(taken, instance, story);
        }
        catch (Exception error)
        {
            LogAttemptFailed(error, taken.Reset.Id);
            var fault = error is OperationCanceledException
                ? new Failure(EngineError.TimedOut, "The time for this attempt was over.")
                : new Failure(EngineError.Fault, $"A fault of Keyturn's own: {error.GetType().Name}.");
            story.Add("waiting", fault.Detail);
            return LaterOrParked(taken.Reset, fault);
        }
    }

    private async Task<(ResetState State, Failure? Cause)> TrySettleAsync(TakenReset taken, Instance instance, ResetStory story)
    {
        var reset = taken.Reset;
        using var deadline = new Deadline(clock, ConnectLimit);
        if (await EndBeforeReadingAsync(instance, reset, deadline.Token) is { } unreached)
        {
            story.Add("waiting", $"{unreached.Error}: {unreached.Detail}");
            return LaterOrParked(reset, unreached);
        }

        var opened = await OpenNodes.OpenAsync(sessions, engines[instance.Engine].Traits, instance, reset.Account.Name, reset.Kind, deadline.Token);
        if (opened.Value is not { } open)
        {
            story.Add("waiting", $"{opened.Failure!.Error}: {opened.Failure.Detail}");
            return LaterOrParked(reset, opened.Failure);
        }

        await using (open)
        {
            var state = ResetState.Undecided;
            Failure? cause;
            try
            {
                (state, cause) = await SettleOnAsync(taken, instance, open, story, deadline.Token);
            }
            finally
            {
                if (state is not (ResetState.Done or ResetState.Failed))
                {
                    // The store names these sessions: whoever takes up the reset ends them, and then nobody else may be at work on them.
                    open.Discard();
                }
            }

            return state == ResetState.Undecided ? LaterOrParked(reset, cause!) : (state, cause);
        }
    }

    /// <summary>
    /// An earlier worker's statement may be what reading the account waits behind: MariaDB queues readers of its account table behind a
    /// change that itself waits for a lock. So its session is ended first; that it is over is shown afterwards, by the sessions that go on.
    /// </summary>
    private async ValueTask<Failure?> EndBeforeReadingAsync(Instance instance, ResetRecord reset, CancellationToken cancel)
    {
        var open = new List<LentSession>();
        try
        {
            foreach (var node in instance.NodesToChange(engines[instance.Engine].Traits))
            {
                var lent = await sessions.LendAsync(instance, node, cancel);
                if (lent.Value is not { } session)
                {
                    return instance.At(node, lent.Failure!);
                }

                open.Add(session);
            }

            await EndSessionsAsync(open, reset.Nodes, cancel);
            return null;
        }
        finally
        {
            foreach (var session in open)
            {
                await session.DisposeAsync();
            }
        }
    }

    private async Task<(ResetState State, Failure? Cause)> SettleOnAsync(
        TakenReset taken, Instance instance, OpenNodes open, ResetStory story, CancellationToken cancel)
    {
        var reset = taken.Reset;
        if (await EndSessionsAsync(open, reset.Nodes, cancel) is { } notOver)
        {
            story.Add("waiting", $"The earlier session is not shown to be over. {notOver.Detail}");
            return (ResetState.Undecided, notOver);
        }

        story.Add("fenced", "The sessions that sent the change are over: nothing can land any more.");
        var found = await new InForce(engines[instance.Engine], failed, clock).LookAsync(open, reset.Account.Name, taken.Pending, expectation: null, cancel);
        foreach (var (node, evidence) in found)
        {
            story.Add("looked", $"The new password is {evidence.Sentence()}.", node);
        }

        var mayStillSet = clock.GetUtcNow() < reset.SettleBy || found.Values.Any(evidence => evidence is Evidence.InForce or Evidence.PartlyInForce or Evidence.Accepted);
        if (!mayStillSet)
        {
            return await UnchangedOrParkedAsync(taken, instance, open, found, new Failure(EngineError.TimedOut, "The time to roll forward is over."), cancel);
        }

        if (!await store.RecordSessionsAsync(reset.Id, reset.Fence, open.Progress()))
        {
            return (ResetState.Undecided, new Failure(EngineError.TimedOut, "Another worker has taken over."));
        }

        story.BeginAgain(open.Progress());
        var isSpread = reset.Operation == PasswordSpread.Operation;
        var work = new ResetWork(instance, reset.Account, reset.Id, reset.Fence, reset.Kind, reset.Proof, taken.Pending)
        {
            AuthPlugin = reset.AuthPlugin,
            Roles = reset.Roles,
            Old = taken.Old,
            IsSpread = isSpread,
            IsRepeated = true,
        };

        // A password in force says nothing of the roles that its account is to have, nor of the old one beside it, nor, on one server of several, of what a majority has.
        var seenIsDone = work.Roles.Count == 0 && !work.KeepsOld && !engines[instance.Engine].Traits.HasFlag(EngineTraits.ChangeNeedsMajority);
        var (state, cause) = await _steps.RunAsync(work, open, story, node => seenIsDone && (found[node] == Evidence.InForce || (isSpread && found[node] == Evidence.PartlyInForce)));
        return state == ResetState.Failed && !cause!.Error.MayPass()
            ? await UnchangedOrParkedAsync(taken, instance, open, found, cause, cancel)
            : (state == ResetState.Failed ? ResetState.Undecided : state, cause);
    }

    /// <summary>Nothing is to be sent any more. If the password of before is in force, the reset failed and changed nothing.</summary>
    private async Task<(ResetState State, Failure? Cause)> UnchangedOrParkedAsync(
        TakenReset taken, Instance instance, OpenNodes open, IReadOnlyDictionary<Node, Evidence> pending, Failure cause, CancellationToken cancel)
    {
        if (taken.Current is not { } current)
        {
            return (ResetState.Parked, cause);
        }

        // A node that joins need not have it: bringing it there is what failed.
        var found = await new InForce(engines[instance.Engine], failed, clock).LookAsync(open, taken.Reset.Account.Name, current, $"before {taken.Reset.Id}", cancel);
        var isSpread = taken.Reset.Operation == PasswordSpread.Operation;
        return found.Where(at => !isSpread || !instance.IsJoining(at.Key)).All(at => IsUnchanged(at.Value, pending[at.Key], taken.Reset.Kind))
            ? (ResetState.Failed, cause)
            : (ResetState.Parked, cause);
    }

    /// <summary>Beside the password of before there may be an older one, which an earlier reset has left valid, but not the one that this reset makes.</summary>
    private static bool IsUnchanged(Evidence current, Evidence pending, ResetKind kind) =>
        current is Evidence.InForce or Evidence.Accepted
        || (current == Evidence.PartlyInForce && (pending == Evidence.NotInForce || kind == ResetKind.DiscardOld));

    private (ResetState State, Failure? Cause) LaterOrParked(ResetRecord reset, Failure cause) =>
        cause.Error.MayPass() && clock.GetUtcNow() < reset.SettleBy ? (ResetState.Undecided, cause) : (ResetState.Parked, cause);

    private static ResetEnd End(ResetRecord reset, Guid projectId, ResetStory story, ResetState state, Failure? cause)
    {
        story.Add(state.Word(), cause is null ? "The reset has ended." : $"{cause.Error}: {cause.Detail}");
        return new ResetEnd
        {
            ResetId = reset.Id,
            Fence = reset.Fence,
            State = state,
            Cause = cause,
            Nodes = story.Nodes,
            Events = story.Events,
            OldIsKept = story.OldIsKept,
            RetryAfter = Pause(reset.Attempts),
            RepeatWithin = ResetReplay.RepeatWithin,
            Audit = new AuditEntry
            {
                Caller = Caller.Keyturn(projectId),
                Action = "account.settle",
                Outcome = state.Word(),
                InstanceId = reset.Account.InstanceId,
                Account = reset.Account.Name.ToString(),
                ResetId = reset.Id,
                Detail = cause is null ? $"proof {reset.Proof}" : $"proof {reset.Proof}; {cause.Error}",
            },
        };
    }

    /// <summary>1, 2, 4, … seconds up to <see cref="MaxPause"/>, each a fifth more or less.</summary>
    private static TimeSpan Pause(int attempts)
    {
        var seconds = Math.Min(Math.Pow(2, Math.Clamp(attempts - 1, 0, 10)), MaxPause.TotalSeconds);
        return TimeSpan.FromSeconds(seconds * (800 + RandomNumberGenerator.GetInt32(401)) / 1000);
    }

    [LoggerMessage(EventId = 2001, Level = LogLevel.Information, Message = "Reset {ResetId} is {State} after an attempt to settle it ({Error})")]
    private partial void LogSettled(Guid resetId, ResetState state, EngineError error);

    [LoggerMessage(EventId = 2002, Level = LogLevel.Error, Message = "An attempt to settle reset {ResetId} failed")]
    private partial void LogAttemptFailed(Exception error, Guid resetId);
}
