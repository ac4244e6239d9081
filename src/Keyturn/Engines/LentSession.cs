using Keyturn.Instances;

namespace Keyturn.Engines;

/// <summary>An admin session on loan. Disposing gives it back, or closes it where it was discarded or is broken.</summary>
public sealed class LentSession : IAsyncDisposable
{
    private readonly AdminSessions _owner;
    private bool _discard;
    private bool _isBack;

    internal LentSession(AdminSessions owner, Instance instance, Node node, IAdminSession session, SemaphoreSlim places, bool isWarm)
    {
        _owner = owner;
        Instance = instance;
        Node = node;
        Session = session;
        Places = places;
        IsWarm = isWarm;
    }

    /// <summary>Whose.</summary>
    public Instance Instance { get; }

    /// <summary>To which node.</summary>
    public Node Node { get; }

    /// <summary>The session.</summary>
    public IAdminSession Session { get; }

    /// <summary>Whether it was used before.</summary>
    public bool IsWarm { get; }

    /// <summary>Where its place among the node's open sessions is given back.</summary>
    internal SemaphoreSlim Places { get; }

    /// <summary>Nobody is to use it again: what was sent on it may still be running.</summary>
    public void Discard() => _discard = true;

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        if (_isBack)
        {
            return ValueTask.CompletedTask;
        }

        _isBack = true;
        return _owner.TakeBackAsync(this, _discard);
    }
}

/// <summary>A lent session, and what it just read of an account.</summary>
/// <param name="Lent">The session.</param>
/// <param name="Inspection">What it read.</param>
public sealed record InspectedSession(LentSession Lent, Inspection Inspection);
