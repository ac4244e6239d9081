using Keyturn.Engines;

namespace Keyturn.Instances;

/// <summary>
/// The admin logins of one registration, at many addresses: some at once, since nodes that are away take their time, and few that are refused. The
/// password may be wrong, and all addresses may be names of one server, which would lock the account.
/// </summary>
internal sealed class AdminTries : IDisposable
{
    private const int MostAtOnce = 4;

    /// <summary>One, if no node has taken the password; some of a service's nodes may have another one.</summary>
    private const int MostRefused = 3;

    private static readonly Failure NotTried = new(EngineError.LoginHeldBack, "not asked, since others have refused the admin login");

    // The first one alone: it shows mostly whether the password is right.
    private readonly SemaphoreSlim _places = new(1, MostAtOnce);
    private int _grown = 1;
    private int _refused;
    private bool _isAccepted;

    /// <summary>Whether one was refused, or left open, whatever else was found.</summary>
    public bool HasRefused { get; set; }

    public async Task<Answer<T>> TryAsync<T>(Func<ValueTask<Answer<T>>> login, CancellationToken cancel)
        where T : class
    {
        await _places.WaitAsync(cancel);
        try
        {
            if (_refused >= (_isAccepted ? MostRefused : 1))
            {
                return NotTried;
            }

            var answer = await login();
            if (answer.Value is not null)
            {
                _isAccepted = true;
            }
            else if (answer.Failure?.Error == EngineError.AdminLoginRefused)
            {
                HasRefused = true;
                Interlocked.Increment(ref _refused);
            }

            return answer;
        }
        finally
        {
            _places.Release(Interlocked.Increment(ref _grown) <= MostAtOnce ? 2 : 1);
        }
    }

    /// <summary>Goes on with nodes that have let us in, after one that has not is left out.</summary>
    public void GoOn() => _refused = 0;

    public void Dispose() => _places.Dispose();
}
