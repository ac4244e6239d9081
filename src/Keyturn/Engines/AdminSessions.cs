using System.Collections.Concurrent;
using Keyturn.Instances;
using Keyturn.Passwords;

namespace Keyturn.Engines;

/// <summary>
/// Admin sessions, warm where there is one: connecting costs a server far more than the change itself. Sessions are lent to one caller
/// at a time; broken ones, and those of an older registration, are closed instead of lent.
/// </summary>
public sealed class AdminSessions(EngineCatalog engines, IInstanceStore instances, ISecretStore secrets, TimeProvider clock) : IAsyncDisposable
{
    /// <summary>Idle sessions kept for one node.</summary>
    public const int MaxIdlePerNode = 8;

    /// <summary>After this time without use a session is closed.</summary>
    public static readonly TimeSpan IdleLimit = TimeSpan.FromSeconds(60);

    private readonly ConcurrentDictionary<Key, ConcurrentStack<Idle>> _idle = new();

    private sealed record Key(Guid InstanceId, int Revision, string Address);

    private sealed record Idle(IAdminSession Session, DateTimeOffset Since);

    /// <summary>Lends a session to <paramref name="node"/>, warm or new. Disposing it gives it back.</summary>
    public async ValueTask<Answer<LentSession>> LendAsync(Instance instance, Node node, CancellationToken cancel)
    {
        var key = KeyOf(instance, node);
        while (_idle.TryGetValue(key, out var stack) && stack.TryPop(out var idle))
        {
            if (idle.Session.IsUsable && clock.GetUtcNow() - idle.Since < IdleLimit)
            {
                return Answer.Of(new LentSession(this, instance, node, idle.Session, isWarm: true));
            }

            await idle.Session.DisposeAsync();
        }

        return await LendNewAsync(instance, node, cancel);
    }

    /// <summary>
    /// Lends a session and reads the account on it. A warm session may have died in its sleep (server restart, idle limit of a
    /// firewall); nothing has been asked of it yet, so that a new one takes its place.
    /// </summary>
    public async ValueTask<Answer<InspectedSession>> LendInspectedAsync(Instance instance, Node node, AccountName account, CancellationToken cancel)
    {
        var lent = await LendAsync(instance, node, cancel);
        while (lent.Value is { } session)
        {
            var inspection = await session.Session.InspectAsync(account, cancel);
            if (inspection.Value is { } found)
            {
                return Answer.Of(new InspectedSession(session, found));
            }

            session.Discard();
            await session.DisposeAsync();
            if (!session.IsWarm || !inspection.Failure!.Error.IsUnreachable() || cancel.IsCancellationRequested)
            {
                return inspection.Failure!;
            }

            lent = await LendNewAsync(instance, node, cancel);
        }

        return lent.Failure!;
    }

    /// <summary>Connects anew, whatever is idle.</summary>
    public async ValueTask<Answer<LentSession>> LendNewAsync(Instance instance, Node node, CancellationToken cancel)
    {
        var engine = engines[instance.Engine];
        Failure failure = new(EngineError.AdminLoginRefused, $"Keyturn holds no password of the admin login {instance.Admin}.");
        foreach (var password in await AdminPasswordsAsync(instance, cancel))
        {
            var connected = await engine.ConnectAsync(Target.Of(instance, node), new Credential(instance.Admin, password), cancel);
            if (connected.Value is { } session)
            {
                return Answer.Of(new LentSession(this, instance, node, session, isWarm: false));
            }

            failure = connected.Failure!;
            if (failure.Error != EngineError.AdminLoginRefused)
            {
                break;
            }
        }

        return failure;
    }

    /// <summary>Closes what has been idle too long. Called by whoever keeps time.</summary>
    public async ValueTask PruneAsync()
    {
        var oldest = clock.GetUtcNow() - IdleLimit;
        foreach (var (key, stack) in _idle)
        {
            var kept = new List<Idle>();
            while (stack.TryPop(out var idle))
            {
                if (idle.Since > oldest && idle.Session.IsUsable)
                {
                    kept.Add(idle);
                }
                else
                {
                    await idle.Session.DisposeAsync();
                }
            }

            kept.Reverse();
            kept.ForEach(stack.Push);
            if (stack.IsEmpty)
            {
                _idle.TryRemove(key, out _);
            }
        }
    }

    /// <summary>Closes the idle sessions of an instance: its admin password has changed, or it is no longer registered.</summary>
    public async ValueTask ForgetAsync(Guid instanceId)
    {
        foreach (var (key, stack) in _idle)
        {
            if (key.InstanceId == instanceId && _idle.TryRemove(key, out _))
            {
                await CloseAllAsync(stack);
            }
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var stack in _idle.Values)
        {
            await CloseAllAsync(stack);
        }
    }

    internal async ValueTask TakeBackAsync(LentSession lent, bool discard)
    {
        var stack = discard || !lent.Session.IsUsable ? null : _idle.GetOrAdd(KeyOf(lent.Instance, lent.Node), _ => new ConcurrentStack<Idle>());
        if (stack is null || stack.Count >= MaxIdlePerNode)
        {
            await lent.Session.DisposeAsync();
            return;
        }

        stack.Push(new Idle(lent.Session, clock.GetUtcNow()));
    }

    private static Key KeyOf(Instance instance, Node node) => new(instance.Id, instance.Revision, node.Address);

    private static async ValueTask CloseAllAsync(ConcurrentStack<Idle> stack)
    {
        while (stack.TryPop(out var idle))
        {
            await idle.Session.DisposeAsync();
        }
    }

    /// <summary>While the admin login itself is being reset, pending comes before current: it is the likelier one.</summary>
    private async ValueTask<IReadOnlyList<Secret>> AdminPasswordsAsync(Instance instance, CancellationToken cancel)
    {
        var admin = await instances.FindAccountAsync(instance.Id, instance.Admin, cancel);
        if (admin is null)
        {
            return [];
        }

        var versions = await secrets.ReadAsync(admin.Id, limit: 2, cancel);
        return [.. versions.Candidates.Select(version => version.Password)];
    }
}
