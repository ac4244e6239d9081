using System.Collections.Concurrent;

namespace Keyturn.Engines;

/// <summary>A session that nobody uses.</summary>
internal sealed record IdleSession(IAdminSession Session, DateTimeOffset Since);

/// <summary>The admin sessions to one node under one registration.</summary>
internal sealed class NodePool(int places)
{
    private volatile string? _accepted;
    private (string Passwords, Failure? Failure) _lastTrial = ("", null);

    /// <summary>How many more may be open.</summary>
    public SemaphoreSlim Places { get; } = new(places);

    public ConcurrentStack<IdleSession> Idle { get; } = new();

    private SemaphoreSlim Trial { get; } = new(1);

    /// <summary>
    /// To be called before a login. As long as none of the passwords was accepted, one caller tries for all: many at once would all be refused before the first refusal is
    /// written down. Whoever had to wait gets the failure of the one that tried.
    /// </summary>
    /// <param name="passwords">Names them.</param>
    /// <param name="cancel">Gives up.</param>
    /// <returns>Whether this caller tries for all, and has to end it.</returns>
    public async ValueTask<(bool IsTrial, Failure? OfAnother)> BeginAsync(string passwords, CancellationToken cancel)
    {
        if (_accepted == passwords)
        {
            return (false, null);
        }

        var waits = !Trial.Wait(0, CancellationToken.None);
        if (waits)
        {
            await Trial.WaitAsync(cancel);
        }

        var ofAnother = waits && _lastTrial.Passwords == passwords ? _lastTrial.Failure : null;
        if (ofAnother is null && _accepted != passwords)
        {
            return (true, null);
        }

        Trial.Release();
        return (false, ofAnother);
    }

    /// <summary>Of any login, a trial or not: whether the passwords were accepted.</summary>
    public void Learn(string passwords, bool isAccepted) => _accepted = isAccepted ? passwords : null;

    /// <param name="passwords">Which were tried.</param>
    /// <param name="failure">What those who wait are told; null where they should try for themselves.</param>
    public void EndTrial(string passwords, Failure? failure)
    {
        _lastTrial = (passwords, failure);
        Trial.Release();
    }
}
