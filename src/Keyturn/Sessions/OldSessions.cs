using System.Globalization;
using Keyturn.Access;
using Keyturn.Audit;
using Keyturn.Engines;
using Keyturn.Instances;
using Keyturn.Passwords;
using Keyturn.Resets;

namespace Keyturn.Sessions;

/// <summary>How many sessions of an account there are at one node, by the password that they were opened with.</summary>
/// <param name="Node">Where.</param>
/// <param name="Failure">Why the server cannot tell, or why some could not be ended; the counts are then of what is known, and 0 says nothing.</param>
public sealed record NodeSessions(Node Node, Failure? Failure = null)
{
    /// <summary>Opened before the present password was set, so with an earlier one.</summary>
    public int Old { get; init; }

    /// <summary>Opened while it was being set, or while an old one was valid beside it: with either.</summary>
    public int Unclear { get; init; }

    /// <summary>Opened since.</summary>
    public int New { get; init; }

    /// <summary>So many of the old ones were ended by this request.</summary>
    public int Ended { get; init; }
}

/// <summary>The sessions of an account, or why they are not told.</summary>
/// <param name="Nodes">Node by node; empty with a refusal.</param>
/// <param name="Reset">The reset that made the present password.</param>
/// <param name="Refusal">Nothing was looked at, nothing was ended.</param>
public sealed record SessionsOutcome(IReadOnlyList<NodeSessions> Nodes, ResetRecord? Reset, Refusal? Refusal = null);

/// <summary>
/// Sessions live on when their account's password changes. Says how many are left that were opened with an earlier one, and ends these when it
/// is asked to: never another account's, never one that may have been opened with the present password, never Keyturn's own.
/// </summary>
public sealed class OldSessions(
    EngineCatalog engines, AdminSessions sessions, IInstanceStore instances, ISecretStore secrets, IResetStore resets, IAuditLog audit, TimeProvider clock)
{
    /// <summary>Ages are whole seconds on some servers, and ours and the store's clock need not be one.</summary>
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(2);

    /// <summary>Ending waits until the server lists the session no more.</summary>
    private static readonly TimeSpan EndLimit = TimeSpan.FromSeconds(60);

    private const int ResetsLookedAt = 50;
    private const int VersionsLookedAt = 50;

    private enum Opened
    {
        Before,
        Meanwhile,
        Since,
    }

    /// <summary>By the name alone: why the account's sessions are left alone; null when they are not.</summary>
    public Refusal? Refuse(Instance instance, AccountName name) =>
        engines[instance.Engine].Validate(name) is { } invalid ? Refusal.Of(invalid)
        : name.User == instance.Admin.User ? new Refusal(RefusalReason.Protected, $"Sessions of {name} may be Keyturn's own.")
        : ReservedAccounts.Find(instance.Engine, name) is { } reserved ? new Refusal(RefusalReason.Protected, reserved)
        : null;

    /// <summary>Counts them. Changes nothing.</summary>
    public ValueTask<SessionsOutcome> CountAsync(Instance instance, AccountName name, CancellationToken cancel) => RunAsync(instance, name, ends: false, cancel);

    /// <summary>Ends the old ones, and counts what was there. To its end, whoever hangs up: the row says what was ended.</summary>
    public async ValueTask<SessionsOutcome> EndAsync(Caller caller, Instance instance, AccountName name)
    {
        var outcome = Refusal.Of(instance) is { } status ? new SessionsOutcome([], Reset: null, status) : await RunAsync(instance, name, ends: true, CancellationToken.None);
        var failure = outcome.Nodes.Select(node => node.Failure).FirstOrDefault(failure => failure is not null);
        var entry = new AuditEntry
        {
            Caller = caller,
            Action = "account.end_sessions",
            Outcome = outcome.Refusal is not null ? "refused" : failure is null ? "done" : "failed",
            InstanceId = instance.Id,
            Account = name.ToString(),
            ResetId = outcome.Reset?.Id,
            Detail = $"{outcome.Nodes.Sum(node => node.Ended)} ended{(failure is null ? "" : $"; {failure.Error}")}",
        };
        await audit.AppendAsync(entry, CancellationToken.None);
        return outcome;
    }

    private async ValueTask<SessionsOutcome> RunAsync(Instance instance, AccountName name, bool ends, CancellationToken cancel)
    {
        if (Refuse(instance, name) is { } refusal)
        {
            return Refused(refusal);
        }

        var (reset, end) = await instances.FindAccountAsync(instance.Id, name, cancel) is { } account ? await FindChangeAsync(account, cancel) : default;
        if (reset is null)
        {
            return Refused(new Refusal(RefusalReason.ResetMissing, $"The present password of {name} was not made by Keyturn: when it was set is not known."));
        }

        var nodes = new List<NodeSessions>();
        foreach (var node in await sessions.NodesToChangeAsync(instance, cancel))
        {
            nodes.Add(await RunAtAsync(instance, node, name, session => When(session, reset, end, node), ends, cancel));
        }

        return new SessionsOutcome(nodes, reset);
    }

    /// <summary>
    /// The reset that made the present password, and the time from which on no other has been valid; null while one is. Versions that followed with the
    /// same password (a node has joined since) are no change: sessions that were opened between were opened with it.
    /// </summary>
    private async ValueTask<(ResetRecord? Reset, DateTimeOffset? End)> FindChangeAsync(Account account, CancellationToken cancel)
    {
        var versions = await secrets.ReadAsync(account.Id, VersionsLookedAt, cancel);
        var current = versions.Current;
        var first = versions.Versions.Where(version => version.State == SecretState.Previous && version.Version < current?.Version)
            .TakeWhile(version => version.Password.Equals(current!.Password)).LastOrDefault() ?? current;
        var done = (await resets.ListAsync(account.InstanceId, account.Id, ResetsLookedAt, cancel)).Where(found => found.State == ResetState.Done).ToList();
        var reset = done.Find(found => found.Kind != ResetKind.DiscardOld && found.Operation != PasswordSpread.Operation && found.Version == first?.Version);
        var end = reset switch
        {
            null => null,
            { OldKeptUntil: null } => reset.EndedAt,
            _ => done.LastOrDefault(later => later.Kind == ResetKind.DiscardOld && later.Version == reset.Version)?.EndedAt,
        };
        return (reset, end);
    }

    private async ValueTask<NodeSessions> RunAtAsync(
        Instance instance, Node node, AccountName name, Func<AccountSession, Opened> when, bool ends, CancellationToken cancel)
    {
        var lent = await sessions.LendAsync(instance, node, cancel);
        if (lent.Value is not { } admin)
        {
            return new NodeSessions(node, lent.Failure);
        }

        var counted = await RunOnAsync(admin, name, when, ends, cancel);
        await sessions.ForgetIfRefusedAsync(instance.Id, counted.Failure);
        return counted;
    }

    private async ValueTask<NodeSessions> RunOnAsync(LentSession admin, AccountName name, Func<AccountSession, Opened> when, bool ends, CancellationToken cancel)
    {
        var (instance, node) = (admin.Instance, admin.Node);
        await using (admin)
        {
            if (admin.Session is not IListsSessions lists)
            {
                return new NodeSessions(node, new Failure(EngineError.Unsupported, $"Keyturn does not ask {admin.Session.Server.Product} for its sessions."));
            }

            using var deadline = new Deadline(clock, instance.AnswerLimit, cancel);
            var listed = await lists.ListSessionsAsync(name, deadline.Token);
            if (listed.Value is not { } found)
            {
                return new NodeSessions(node, listed.Failure);
            }

            var byTime = found.ToLookup(when);
            var counted = new NodeSessions(node) { Old = byTime[Opened.Before].Count(), Unclear = byTime[Opened.Meanwhile].Count(), New = byTime[Opened.Since].Count() };
            return ends ? await EndAsync(admin.Session, byTime[Opened.Before], counted, cancel) : counted;
        }
    }

    private async ValueTask<NodeSessions> EndAsync(IAdminSession admin, IEnumerable<AccountSession> old, NodeSessions counted, CancellationToken cancel)
    {
        using var deadline = new Deadline(clock, EndLimit, cancel);
        foreach (var session in old)
        {
            var end = await admin.EndSessionAsync(session.Session, deadline.Token);
            if (end.End != SessionEnd.Gone)
            {
                return counted with { Failure = end.Failure ?? new Failure(EngineError.Busy, $"Session {session.Session.Id} could not be shown to be over.") };
            }

            counted = counted with { Ended = counted.Ended + 1 };
        }

        return counted;
    }

    private Opened When(AccountSession session, ResetRecord reset, DateTimeOffset? end, Node node) =>
        session.Age is { } age ? ByTime(clock.GetUtcNow() - age, reset.PreparedAt, end) : ByNumber(session, reset, end, node);

    /// <summary>Before prepare nobody had the password; from the end on, nobody gets in with another.</summary>
    private static Opened ByTime(DateTimeOffset opened, DateTimeOffset prepared, DateTimeOffset? end) =>
        opened < prepared - Margin ? Opened.Before
        : opened > end + Margin ? Opened.Since
        : Opened.Meanwhile;

    private static ulong? Number(string? id) => ulong.TryParse(id, CultureInfo.InvariantCulture, out var number) ? number : null;

    /// <summary>
    /// By the number of the session that proved the password. A reset that recovery has ended may have set it long before it was proved.
    /// </summary>
    private static Opened ByNumber(AccountSession session, ResetRecord reset, DateTimeOffset? end, Node node)
    {
        var at = reset.Nodes.FirstOrDefault(progress => progress.Node.Address == node.Address);
        if (at is null || (session.Number ?? Number(session.Session.Id)) is not { } number)
        {
            return Opened.Meanwhile;
        }

        // Another start: the server has been restarted since, and all of its sessions are younger than the change. Or it is another server.
        if (at.Session.Start != session.Session.Start)
        {
            return reset.OldKeptUntil is null && !session.IsOfMovingPrimary ? Opened.Since : Opened.Meanwhile;
        }

        if (Number(at.ProvedBy) is not { } proof)
        {
            return Opened.Meanwhile;
        }

        return number < proof ? (reset.Attempts == 0 ? Opened.Before : Opened.Meanwhile)
            : reset.OldKeptUntil is null && end is not null ? Opened.Since
            : Opened.Meanwhile;
    }

    private static SessionsOutcome Refused(Refusal refusal) => new([], Reset: null, refusal);
}
