using System.Collections.Concurrent;
using Keyturn.Checks;
using Keyturn.Instances;
using Keyturn.Passwords;

namespace Keyturn.Engines;

/// <summary>
/// Admin sessions, warm where there is one: connecting costs a server far more than the change itself. Sessions are lent to one caller
/// at a time; broken ones, and those of an older registration, are closed instead of lent.
/// </summary>
public sealed class AdminSessions(EngineCatalog engines, IInstanceStore instances, ISecretStore secrets, FailedLogins failed, TimeProvider clock) : IAsyncDisposable
{
    /// <summary>Idle sessions kept for one node once a storm is over.</summary>
    public const int MaxIdlePerNode = 8;

    /// <summary>Sessions open at once to one node; more callers wait. A stuck statement holds one of them until its limit.</summary>
    public const int MaxOpenPerNode = 32;

    /// <summary>After this time without use a session is closed.</summary>
    public static readonly TimeSpan IdleLimit = TimeSpan.FromSeconds(60);

    /// <summary>After this time without use a session is closed that <see cref="MaxIdlePerNode"/> others make superfluous.</summary>
    /// <remarks>Closing it as it comes back would make the next caller of a storm log in anew, which costs PostgreSQL more than a change.</remarks>
    public static readonly TimeSpan SuperfluousLimit = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private readonly AdminLogins _logins = new(engines, instances, secrets, failed, clock);
    private readonly ConcurrentDictionary<Key, NodePool> _pools = new();
    private readonly ConcurrentDictionary<Key, Failure> _unreached = new();
    private readonly LastPrimaries _primaries = new(clock);

    private sealed record Key(Guid InstanceId, int Revision, string Address);

    /// <summary>
    /// Lends a session to <paramref name="node"/>, warm or new. Disposing it gives it back. Where the primary may have moved, it is one to the node
    /// that takes writes now, which <see cref="LentSession.Node"/> names.
    /// </summary>
    public ValueTask<Answer<LentSession>> LendAsync(Instance instance, Node node, CancellationToken cancel) =>
        MayHaveMoved(instance) ? LendPrimaryAsync(instance, cancel) : LendAtAsync(instance, node, mayBeWarm: true, cancel);

    /// <summary>The same, connecting anew, whatever is idle.</summary>
    public ValueTask<Answer<LentSession>> LendNewAsync(Instance instance, Node node, CancellationToken cancel) =>
        MayHaveMoved(instance) ? LendPrimaryAsync(instance, cancel) : LendAtAsync(instance, node, mayBeWarm: false, cancel);

    /// <summary>Connects anew, to this node and no other.</summary>
    public ValueTask<Answer<LentSession>> LendAtAsync(Instance instance, Node node, CancellationToken cancel) => LendAtAsync(instance, node, mayBeWarm: false, cancel);

    /// <summary>
    /// The nodes that a change of an account goes to now, or a proof of it: those of the registration, but where the primary may have moved the one
    /// that took writes when it was last looked for, a moment ago.
    /// </summary>
    public async ValueTask<IReadOnlyList<Node>> NodesToChangeAsync(Instance instance, CancellationToken cancel)
    {
        var registered = instance.NodesToChange(engines[instance.Engine].Traits);
        if (!MayHaveMoved(instance))
        {
            return registered;
        }

        if (_primaries.Find(instance, mustBeFresh: true) is { } known)
        {
            return [known];
        }

        // Without a primary the registered one is as good as any: what is asked there says what it meets.
        var lent = await LendPrimaryAsync(instance, cancel);
        await (lent.Value?.DisposeAsync() ?? ValueTask.CompletedTask);
        return lent.Value is { } found ? [found.Node] : registered;
    }

    /// <summary>
    /// Lends a session and reads the account on it. A warm session may have died in its sleep (server restart, idle limit of a
    /// firewall), or be older than a right that was granted since; nothing has been asked of it yet, so that a new one takes its place.
    /// </summary>
    public async ValueTask<Answer<InspectedSession>> LendInspectedAsync(Instance instance, Node node, AccountName account, CancellationToken cancel)
    {
        var lent = await LendAsync(instance, node, cancel);
        while (lent.Value is { } session)
        {
            var inspection = await InspectAsync(session, account, cancel);
            var mayBeOutdated = session.IsWarm && !cancel.IsCancellationRequested
                && (inspection.Failure is { } failure ? failure.Error.IsUnreachable() || failure.Error == EngineError.AdminLacksPrivilege : inspection.Value!.MissingGrant is not null);
            if (inspection.Value is { } found && !mayBeOutdated)
            {
                return Answer.Of(new InspectedSession(session, found));
            }

            session.Discard();
            await session.DisposeAsync();
            if (!mayBeOutdated)
            {
                return inspection.Failure!;
            }

            lent = await LendNewAsync(instance, node, cancel);
        }

        return lent.Failure!;
    }

    /// <summary>
    /// Why a node of the instance could not be reached when it was last tried; null when all could, or none was tried yet. For showing
    /// only: nothing is refused because of it, the next request tries again.
    /// </summary>
    public Failure? LastUnreached(Instance instance) =>
        instance.Nodes.Select(node => _unreached.GetValueOrDefault(KeyOf(instance, node))).FirstOrDefault(failure => failure is not null);

    /// <summary>Closes what has been idle too long. Called by whoever keeps time.</summary>
    public async ValueTask PruneAsync()
    {
        var now = clock.GetUtcNow();
        foreach (var pool in _pools.Values)
        {
            var kept = new List<IdleSession>();
            while (pool.Idle.TryPop(out var idle))
            {
                // The last used come first.
                var limit = kept.Count < MaxIdlePerNode ? IdleLimit : SuperfluousLimit;
                if (now - idle.Since < limit && idle.Session.IsUsable)
                {
                    kept.Add(idle);
                }
                else
                {
                    await idle.Session.DisposeAsync();
                }
            }

            kept.Reverse();
            kept.ForEach(pool.Idle.Push);
        }
    }

    /// <summary>Closes the idle sessions of an instance: its admin password has changed, or it is no longer registered.</summary>
    public async ValueTask ForgetAsync(Guid instanceId)
    {
        foreach (var (key, pool) in _pools)
        {
            if (key.InstanceId == instanceId && _pools.TryRemove(key, out _))
            {
                await CloseIdleAsync(pool);
            }
        }

        _primaries.Forget(instanceId);
        foreach (var key in _unreached.Keys.Where(key => key.InstanceId == instanceId))
        {
            _unreached.TryRemove(key, out _);
        }
    }

    /// <summary>
    /// Closes the idle sessions of an instance where the server has refused something for lack of a right: MySQL and MariaDB let new connections have what is
    /// granted now, and not those that are open.
    /// </summary>
    public ValueTask ForgetIfRefusedAsync(Guid instanceId, Failure? failure) =>
        failure is { Error: EngineError.AdminLacksPrivilege } ? ForgetAsync(instanceId) : ValueTask.CompletedTask;

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var pool in _pools.Values)
        {
            await CloseIdleAsync(pool);
        }
    }

    internal async ValueTask TakeBackAsync(LentSession lent, bool discard)
    {
        try
        {
            // A forgotten pool is not there any more: its sessions are closed as they come back.
            _pools.TryGetValue(KeyOf(lent.Instance, lent.Node), out var pool);
            if (discard || !lent.Session.IsUsable || pool?.Places != lent.Places || pool.Idle.Count > pool.Places.CurrentCount)
            {
                await lent.Session.DisposeAsync();
            }
            else
            {
                pool.Idle.Push(new IdleSession(lent.Session, clock.GetUtcNow()));
            }
        }
        finally
        {
            lent.Places.Release();
        }
    }

    private bool MayHaveMoved(Instance instance) => instance.PrimaryMoves(engines[instance.Engine].Traits);

    /// <summary>
    /// Asks one node after the other, the last primary first. The session is never a warm one, nor kept: a server that has become a replica may
    /// leave its sessions open, and they say nothing of it. Without a primary there is none: what a replica shows decides nothing.
    /// </summary>
    private async ValueTask<Answer<LentSession>> LendPrimaryAsync(Instance instance, CancellationToken cancel)
    {
        var refusals = new List<Failure>();
        foreach (var node in _primaries.Order(instance))
        {
            var lent = await LendAtAsync(instance, node, mayBeWarm: false, cancel);
            if (lent.Value is { } session)
            {
                session.Discard();
                if (session.Session.Server is { IsReadOnly: false, IsPooler: false })
                {
                    // The others may be away: this one is all that a change needs.
                    _primaries.Remember(instance, node);
                    foreach (var other in instance.Nodes)
                    {
                        _unreached.TryRemove(KeyOf(instance, other), out _);
                    }

                    return lent;
                }

                await session.DisposeAsync();
            }

            refusals.Add(instance.At(node, lent.Failure ?? (lent.Value!.Session.Server.IsPooler ? ServerProbe.Pooler : new Failure(EngineError.ReadOnlyNode, "it is read-only"))));
            if (cancel.IsCancellationRequested)
            {
                break;
            }
        }

        // The cause is that of a node that could not be asked, if there is one: it may be the primary, and be there again soon.
        var cause = refusals.Find(failure => failure.Error.IsUnreachable()) ?? refusals.Find(failure => failure.Error != EngineError.ReadOnlyNode) ?? refusals[0];
        return cause with { NamesNodes = true, Detail = $"No node takes writes. {string.Join("; ", refusals.Select(failure => failure.Detail.TrimEnd('.')))}." };
    }

    private async ValueTask<Answer<LentSession>> LendAtAsync(Instance instance, Node node, bool mayBeWarm, CancellationToken cancel)
    {
        var pool = _pools.GetOrAdd(KeyOf(instance, node), _ => new NodePool(MaxOpenPerNode, clock));
        using var patience = new Deadline(clock, Patience, cancel);
        try
        {
            await pool.Places.WaitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            return new Failure(EngineError.Busy, $"All {MaxOpenPerNode} admin sessions to {node} are at work.");
        }

        Answer<LentSession> answer = default;
        try
        {
            answer = mayBeWarm && await PopAsync(pool) is { } warm
                ? Answer.Of(new LentSession(this, instance, node, warm, pool.Places, isWarm: true))
                : await ConnectAsync(instance, node, pool, cancel);
            return answer;
        }
        finally
        {
            if (answer.Value is null)
            {
                pool.Places.Release();
            }
        }
    }

    private async ValueTask<Answer<Inspection>> InspectAsync(LentSession lent, AccountName account, CancellationToken cancel)
    {
        using var deadline = new Deadline(clock, lent.Instance.AnswerLimit, cancel);
        try
        {
            return await lent.Session.InspectAsync(account, deadline.Token);
        }
        catch
        {
            // A bug of the engine's: nobody else would give the place back.
            lent.Discard();
            await lent.DisposeAsync();
            throw;
        }
    }

    private async ValueTask<IAdminSession?> PopAsync(NodePool pool)
    {
        while (pool.Idle.TryPop(out var idle))
        {
            if (idle.Session.IsUsable && clock.GetUtcNow() - idle.Since < IdleLimit)
            {
                return idle.Session;
            }

            await idle.Session.DisposeAsync();
        }

        return null;
    }

    private async ValueTask<Answer<LentSession>> ConnectAsync(Instance instance, Node node, NodePool pool, CancellationToken cancel)
    {
        var connected = await _logins.ConnectAsync(instance, node, pool, cancel);
        if (connected.Value is { } session)
        {
            _unreached.TryRemove(KeyOf(instance, node), out _);
            return Answer.Of(new LentSession(this, instance, node, session, pool.Places, isWarm: false));
        }

        if (connected.Failure!.Error.IsUnreachable() && !cancel.IsCancellationRequested)
        {
            _unreached[KeyOf(instance, node)] = connected.Failure;
        }

        return connected.Failure;
    }

    private static Key KeyOf(Instance instance, Node node) => new(instance.Id, instance.Revision, node.Address);

    private static async ValueTask CloseIdleAsync(NodePool pool)
    {
        while (pool.Idle.TryPop(out var idle))
        {
            await idle.Session.DisposeAsync();
        }
    }
}
