using System.Collections.Concurrent;

namespace Keyturn.Engines;

/// <summary>A session that nobody uses.</summary>
internal sealed record IdleSession(IAdminSession Session, DateTimeOffset Since);

/// <summary>The admin sessions to one node under one registration.</summary>
internal sealed class NodePool(int places, TimeProvider clock)
{
    /// <summary>How many more may be open.</summary>
    public SemaphoreSlim Places { get; } = new(places);

    public ConcurrentStack<IdleSession> Idle { get; } = new();

    public AdminTrials Trials { get; } = new(clock);
}
