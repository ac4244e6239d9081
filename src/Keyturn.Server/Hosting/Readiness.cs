namespace Keyturn.Server.Hosting;

/// <summary>Ready once the store is open and the first recovery pass has begun.</summary>
internal sealed class Readiness
{
    private volatile bool _isReady;

    public bool IsReady => _isReady;

    public void Set() => _isReady = true;
}
