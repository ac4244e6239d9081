using System.Collections.Concurrent;
using System.Diagnostics;
using Keyturn.Audit;
using Keyturn.Checks;
using Keyturn.Engines;
using Keyturn.Instances;
using Keyturn.Passwords;
using Microsoft.Extensions.Logging;

namespace Keyturn.Resets;

/// <summary>
/// Carries one reset from a request to a password that is known to work: connect, prepare, set, prove, finish. Manual, scheduled and
/// recovery resets run the same steps; this is the run that a caller waits for.
/// </summary>
public sealed partial class Resetter(
    EngineCatalog engines, AdminSessions sessions, IInstanceStore instances, ISecretStore secrets, IResetStore store, AccountQueue queue, Reconciler reconciler,
    ResetReplay replay, IAuditLog audit, FailedLogins failed, HopGate hops, TimeProvider clock, ILogger<Resetter> logger)
{
    /// <summary>A worker's lease. No run is longer: the steps look at it before each send.</summary>
    public static readonly TimeSpan Lease = TimeSpan.FromSeconds(60);

    /// <summary>How long an undecided reset is rolled forward.</summary>
    public static readonly TimeSpan SettleWithin = TimeSpan.FromMinutes(15);

    /// <summary>An undecided reset is this run's to settle, for so long.</summary>
    private static readonly TimeSpan OwnAttempt = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<RequestKey, Lazy<Task<ResetOutcome>>> _running = new();
    private readonly ResetSteps _steps = new(engines, store, failed, hops, clock);

    /// <summary>What makes two requests the same one. The name as such: its text form is the same for user <c>a@b</c> and for row <c>a</c> at <c>b</c>.</summary>
    private readonly record struct RequestKey(Guid PrincipalId, string Operation, Guid InstanceId, AccountName Account, string Digest);

    /// <summary>
    /// Runs a reset. <paramref name="cancel"/> is the caller hanging up: it ends the waiting for other resets and the connecting, and
    /// is ignored from prepare on.
    /// </summary>
    public async Task<ResetOutcome> RunAsync(ResetRequest request, CancellationToken cancel)
    {
        var started = clock.GetTimestamp();
        using var activity = Telemetry.Activities.StartActivity("reset");
        var outcome = await JoinOrRunAsync(request, cancel);
        var state = outcome.Reset?.State.Word() ?? "refused";
        activity?.SetTag("keyturn.state", state);
        if (outcome.Refusal is { } refusal)
        {
            await audit.AppendAsync(Entry(request, "refused", refusal.ResetId, refusal.Name), CancellationToken.None);
            LogRefused(request.Instance.Name, request.Caller.PrincipalName, refusal.Error);
        }
        else if (outcome.Reset is { } reset)
        {
            LogEnded(reset.Id, request.Account, request.Instance.Name, request.Caller.PrincipalName, state, reset.Cause?.Error ?? EngineError.None);
        }

        var tags = new TagList { { "engine", request.Instance.Engine }, { "state", state } };
        Telemetry.Resets.Add(1, tags);
        Telemetry.ResetDuration.Record(clock.GetElapsedTime(started).TotalSeconds, tags);
        return outcome;
    }

    /// <summary>Waits for the runs that are under way, also those whose callers have hung up. A stopping server does.</summary>
    public Task WhenIdleAsync() => Task.WhenAll(_running.Values.Select(run => run.Value.ContinueWith(_ => { }, TaskScheduler.Default)));

    /// <summary>A repeat of the very same request, without a key, while the first is running, gets the first one's outcome.</summary>
    private async Task<ResetOutcome> JoinOrRunAsync(ResetRequest request, CancellationToken cancel)
    {
        if (ResetRules.Refuse(request, engines[request.Instance.Engine]) is { } refusal)
        {
            return ResetOutcome.Refused(refusal);
        }

        var digest = store.Digest(ResetReplay.Text(request));
        return request.IdempotencyKey is null
            ? await JoinAsync(request, digest, cancel)
            : await TakeTurnAsync(request, digest, cancel);
    }

    private async Task<ResetOutcome> JoinAsync(ResetRequest request, byte[] digest, CancellationToken cancel)
    {
        var key = new RequestKey(request.Caller.PrincipalId, request.Operation, request.Instance.Id, request.Account, Convert.ToHexString(digest));
        Lazy<Task<ResetOutcome>> mine = null!;
        mine = new Lazy<Task<ResetOutcome>>(async () =>
        {
            try
            {
                return await TakeTurnAsync(request, digest, cancel);
            }
            finally
            {
                // Before anybody sees the outcome: who asks after that asks anew.
                _running.TryRemove(KeyValuePair.Create(key, mine));
            }
        });
        while (true)
        {
            var first = _running.GetOrAdd(key, mine);
            if (ReferenceEquals(first, mine))
            {
                // No limit of time here: each hop has its own, and from prepare on there is an end to tell.
                return await mine.Value.WaitAsync(cancel);
            }

            try
            {
                var outcome = await first.Value.WaitAsync(request.Patience, clock, cancel);
                if (outcome is not { Reset: { State: ResetState.Done } done })
                {
                    return outcome;
                }

                // On another node the next reset may have followed before this one was told: then "done" would be told of an old password.
                var now = await replay.OutcomeAsync(done, cancel);
                if (now.Password is not null)
                {
                    return await replay.ShownAsync(request, now);
                }
            }
            catch (TimeoutException)
            {
                var account = await FindAccountAsync(request, cancel);
                return await store.FindUnsettledAsync(account.Id, cancel) is { } open
                    ? new ResetOutcome { Reset = open }
                    : ResetOutcome.Refused(new Refusal(RefusalReason.Busy, "The same request is waiting already."));
            }
            catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
            {
                // The first caller hung up before anything was stored: this one takes its place.
                _running.TryRemove(KeyValuePair.Create(key, first));
            }
        }
    }

    private async Task<ResetOutcome> TakeTurnAsync(ResetRequest request, byte[] digest, CancellationToken cancel)
    {
        using var turn = await queue.EnterAsync(request.Instance.Id, request.Account, request.Patience, cancel);
        var account = await FindAccountAsync(request, cancel);
        if (turn is null)
        {
            var open = await store.FindUnsettledAsync(account.Id, cancel);
            return ResetOutcome.Refused(new Refusal(RefusalReason.Busy, "Other resets of this account are running.") { ResetId = open?.Id });
        }

        var started = clock.GetTimestamp();
        var outcome = await FindOrRunAsync(request, account, digest, cancel);
        return clock.GetElapsedTime(started) < request.Patience && await MetADiscardAsync(request, outcome, cancel)
            ? await FindOrRunAsync(request, account, digest, cancel)
            : outcome;
    }

    private async Task<ResetOutcome> FindOrRunAsync(ResetRequest request, Account account, byte[] digest, CancellationToken cancel) =>
        await replay.FindAsync(request, account, digest, cancel) ?? await ConnectAndRunAsync(request, account, digest, cancel);

    /// <summary>Another node may have begun, of Keyturn's own accord, to discard the account's old password: no caller is refused because of that.</summary>
    private async ValueTask<bool> MetADiscardAsync(ResetRequest request, ResetOutcome outcome, CancellationToken cancel) =>
        request.Kind != ResetKind.DiscardOld && outcome.Refusal is { Reason: RefusalReason.Busy, ResetId: { } other }
        && await store.FindAsync(other, cancel) is { Kind: ResetKind.DiscardOld };

    private async Task<ResetOutcome> ConnectAndRunAsync(ResetRequest request, Account account, byte[] digest, CancellationToken cancel)
    {
        var unsettled = await replay.WaitUntilSettledAsync(account.Id, request.Patience, cancel);
        if (unsettled is { IsOpen: true })
        {
            return ResetOutcome.Refused(new Refusal(RefusalReason.Busy, "An earlier reset of this account is not settled yet.") { ResetId = unsettled.Id });
        }

        var (overlap, doubt) = Overlap.Concerns(request) ? await Overlap.ReadAsync(secrets, account, unsettled, cancel) : default;
        if (doubt is not null)
        {
            return ResetOutcome.Refused(doubt);
        }

        var engine = engines[request.Instance.Engine];
        var opened = await OpenNodes.OpenAsync(sessions, engine.Traits, request.Instance, request.Account, request.Kind, cancel);
        if (opened.Value is not { } open)
        {
            cancel.ThrowIfCancellationRequested();
            return ResetOutcome.Refused(Refusal.Of(opened.Failure!));
        }

        await using (open)
        {
            return await RefuseAsync(request, account, open, unsettled, overlap, cancel) is { } failure
                ? ResetOutcome.Refused(Refusal.Of(failure))
                : await PrepareAndRunAsync(request, account, digest, open, unsettled, overlap, cancel);
        }
    }

    private async Task<Failure?> RefuseAsync(
        ResetRequest request, Account account, OpenNodes open, ResetRecord? parked, Overlap? overlap, CancellationToken cancel)
    {
        foreach (var (lent, inspection) in open.Nodes)
        {
            var mayBeMissing = request.Spread?.Nodes.Contains(lent.Node.Address) == true && lent.Session is ICopiesAccounts;
            if (ResetRules.Refuse(request.Kind, ProofOf(request, account), request.Account, lent.Session.Server, inspection, mayBeMissing) is { } failure)
            {
                return request.Instance.At(lent.Node, failure);
            }
        }

        // What a parked reset once sent must not land after what this one is going to send.
        using var deadline = new Deadline(clock, Target.DefaultConnectLimit, cancel);
        return (parked is null ? null : await Reconciler.EndSessionsAsync(open, parked.Nodes, deadline.Token))
            ?? (overlap is null ? null : await overlap.RefuseAsync(open, request.Account, deadline.Token))
            ?? (request.Account == request.Instance.Admin ? await open.KeepSparesAsync(sessions, cancel) : null);
    }

    private async Task<ResetOutcome> PrepareAndRunAsync(
        ResetRequest request, Account account, byte[] digest, OpenNodes open, ResetRecord? parked, Overlap? overlap, CancellationToken cancel)
    {
        await hops.PassAsync(Hop.Connected);
        cancel.ThrowIfCancellationRequested();
        var password = request.Kind == ResetKind.DiscardOld ? overlap!.Current : request.Password ?? PasswordGenerator.Generate(request.Policy ?? request.Instance.PasswordPolicy);
        var intent = Intent(request, account, digest, open, password) with { Replaces = parked is null ? null : new ParkedReset(parked.Id, parked.Fence), Seen = request.Spread?.Seen ?? overlap?.Seen };
        var prepared = await store.PrepareAsync(intent);
        if (prepared.Conflict == PrepareConflict.Unknown)
        {
            return NotKnownToBeStored(intent, prepared, open);
        }

        if (prepared.Conflict != PrepareConflict.None)
        {
            return await replay.RefuseAsync(request, account, digest, prepared);
        }

        // From here on the caller's cancellation is ignored, and whatever goes wrong is an outcome.
        await hops.PassAsync(Hop.Prepared);
        var work = new ResetWork(request.Instance, account, intent.ResetId, prepared.Fence, request.Kind, intent.Proof, password)
        {
            AuthPlugin = request.AuthPlugin,
            Roles = request.Roles,
            IsSpread = request.Spread is not null,
            Old = request.KeepOldFor is null ? overlap?.Old : overlap!.Current,
        };
        var story = new ResetStory(clock, intent.Nodes);
        var (state, cause) = await _steps.RunAsync(work, open, story, node => request.Spread is { } spread && !spread.Nodes.Contains(node.Address));
        if (state == ResetState.Failed && parked is not null)
        {
            // It has changed nothing; but the parked one, which it has replaced, may have: which password is in force is to be found out.
            state = ResetState.Undecided;
        }

        var finished = await FinishAsync(request, work, story, state, cause, cancel.IsCancellationRequested);
        await hops.PassAsync(Hop.Finished);
        if (finished && state != ResetState.Undecided)
        {
            await ForgetAdminAsync(request);
            return new ResetOutcome { Reset = Record(intent, prepared, story, state, cause), Password = state == ResetState.Done ? password : null };
        }

        // What was sent may still be running on these.
        open.Discard();
        return await SettleAsync(Record(intent, prepared, story, ResetState.Undecided, cause), request, open, cancel);
    }

    /// <summary>Nothing is sent under an intent that may be lost; one that is stored after all is recovery's, so "unchanged" would be a lie.</summary>
    private ResetOutcome NotKnownToBeStored(ResetIntent intent, PrepareResult prepared, OpenNodes open)
    {
        open.Discard();
        var cause = new Failure(EngineError.ServerError, prepared.Detail ?? "Keyturn's store did not say whether the reset was written; nothing was sent.");
        return new ResetOutcome { Reset = Record(intent, prepared with { PreparedAt = clock.GetUtcNow() }, new ResetStory(clock, intent.Nodes), ResetState.Undecided, cause) };
    }

    private async Task<bool> FinishAsync(ResetRequest request, ResetWork work, ResetStory story, ResetState state, Failure? cause, bool callerHungUp)
    {
        try
        {
            return await store.FinishAsync(new ResetEnd
            {
                ResetId = work.ResetId,
                Fence = work.Fence,
                State = state,
                Cause = cause,
                Nodes = story.Nodes,
                Events = story.Events,
                OldIsKept = story.OldIsKept,
                RetryAfter = OwnAttempt,
                RepeatWithin = callerHungUp || state == ResetState.Undecided ? ResetReplay.RepeatWithin : TimeSpan.Zero,
                Audit = Entry(request, state.Word(), work.ResetId, $"proof {work.Proof}", cause?.Error.ToString()),
            });
        }
        catch (Exception error)
        {
            // Not visible in the store, so not to be told: the reset stays open, and the reconciler finds out again.
            LogFinishFailed(error, work.ResetId);
            return false;
        }
    }

    /// <summary>One attempt of the recovery path at once, so that most undecided resets get an end before their caller gets an answer.</summary>
    private async Task<ResetOutcome> SettleAsync(ResetRecord undecided, ResetRequest request, OpenNodes open, CancellationToken caller)
    {
        try
        {
            // Its places at the servers are what the attempt needs next; waiting for others while holding them, many would wait for each other.
            await open.DisposeAsync();
            await reconciler.SettleAsync(undecided.Id);
            await ForgetAdminAsync(request);
            var settled = await store.FindAsync(undecided.Id, CancellationToken.None) ?? undecided;
            if (!settled.IsOpen && !caller.IsCancellationRequested)
            {
                // This caller is told the end, so that the same request again is a new one.
                await store.MarkUndeliveredAsync(settled.Id, TimeSpan.Zero);
            }

            return await replay.OutcomeAsync(settled, CancellationToken.None);
        }
        catch (Exception error)
        {
            LogFinishFailed(error, undecided.Id);
            return new ResetOutcome { Reset = undecided };
        }
    }

    private ValueTask ForgetAdminAsync(ResetRequest request) =>
        request.Account == request.Instance.Admin ? sessions.ForgetAsync(request.Instance.Id) : ValueTask.CompletedTask;

    private ResetIntent Intent(ResetRequest request, Account account, byte[] digest, OpenNodes open, Secret password)
    {
        var id = Guid.CreateVersion7(clock.GetUtcNow());
        return new ResetIntent
        {
            ResetId = id,
            Account = account,
            Kind = request.Kind,
            Password = password,
            AuthPlugin = request.AuthPlugin,
            Roles = request.Roles,
            KeepOldFor = request.KeepOldFor,
            Proof = ProofOf(request, account),
            DueAt = request.DueAt,
            PrincipalId = request.Caller.PrincipalId,
            Operation = request.Operation,
            IdempotencyKey = request.IdempotencyKey,
            RequestDigest = digest,
            Nodes = open.Progress(),
            Lease = Lease,
            SettleWithin = SettleWithin,
            Revision = request.Instance.IsPerNode(engines[request.Instance.Engine].Traits) ? request.Instance.Revision : null,
            Audit = Entry(request, ResetState.Prepared.Word(), id, $"proof {ProofOf(request, account)}"),
        };
    }

    private ResetRecord Record(ResetIntent intent, PrepareResult prepared, ResetStory story, ResetState state, Failure? cause) => new()
    {
        Id = intent.ResetId,
        Account = intent.Account,
        Kind = intent.Kind,
        State = state,
        Version = prepared.Version,
        AuthPlugin = intent.AuthPlugin,
        Roles = intent.Roles,
        KeepOldFor = intent.KeepOldFor,
        OldKeptUntil = state == ResetState.Done && story.OldIsKept ? clock.GetUtcNow() + intent.KeepOldFor : null,
        Proof = intent.Proof,
        PrincipalId = intent.PrincipalId,
        Operation = intent.Operation,
        PreparedAt = prepared.PreparedAt,
        EndedAt = state == ResetState.Undecided ? null : clock.GetUtcNow(),
        SettleBy = prepared.PreparedAt + intent.SettleWithin,
        Fence = prepared.Fence,
        Cause = cause,
        Nodes = story.Nodes,
        Events = story.Events,
    };

    private static AuditEntry Entry(ResetRequest request, string outcome, Guid? resetId, params ReadOnlySpan<string?> details) => new()
    {
        Caller = request.Caller,
        Action = request.Kind switch { ResetKind.Create => "account.create", ResetKind.DiscardOld => "account.discard_old", _ => "account.reset" },
        Outcome = outcome,
        InstanceId = request.Instance.Id,
        Account = request.Account.ToString(),
        ResetId = resetId,
        Detail = string.Join("; ", [request.Operation, .. details.ToArray().OfType<string>(), .. request.KeepOldFor is { } time ? (string[])[$"old password kept for {time}"] : []]),
    };

    /// <summary>That an old password is shut out is shown by what the server has stored: a login with the present one would have been let in before too.</summary>
    private static ProofMode ProofOf(ResetRequest request, Account account) => request.Kind == ResetKind.DiscardOld ? ProofMode.Readback : account.Proof;

    private async ValueTask<Account> FindAccountAsync(ResetRequest request, CancellationToken cancel)
    {
        var account = await instances.FindAccountAsync(request.Instance.Id, request.Account, cancel)
            ?? new Account(Guid.CreateVersion7(clock.GetUtcNow()), request.Instance.Id, request.Account, ProofMode.Login, clock.GetUtcNow());
        return request.Proof is { } proof ? account with { Proof = proof } : account;
    }

    [LoggerMessage(EventId = 1000, Level = LogLevel.Information, Message = "Reset {ResetId} of {Account} on {Instance}, asked for by {Principal}, is {State} ({Error})")]
    private partial void LogEnded(Guid resetId, AccountName account, string instance, string principal, string state, EngineError error);

    /// <summary>What was given as the account's name need not be one: people type passwords there. The audit log has it.</summary>
    [LoggerMessage(EventId = 1002, Level = LogLevel.Information, Message = "A reset on {Instance}, asked for by {Principal}, is refused ({Error})")]
    private partial void LogRefused(string instance, string principal, EngineError error);

    [LoggerMessage(EventId = 1001, Level = LogLevel.Error, Message = "The end of reset {ResetId} could not be stored")]
    private partial void LogFinishFailed(Exception error, Guid resetId);
}
