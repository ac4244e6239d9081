using Keyturn.Access;
using Keyturn.Audit;
using Keyturn.Server.Doors;
using Keyturn.Storage;
using Microsoft.AspNetCore.Authentication;

namespace Keyturn.Server.Access;

/// <summary>
/// Has an audit row for callers whom no door let in: at most one for each source and door a second, with how many more there were, so that a
/// flood of them fills no store. What the caller showed is not in it.
/// </summary>
internal sealed class FailedAuthentications(IAuditLog audit)
{
    /// <summary>Sources and doors that have rows of their own in one second; the others share one.</summary>
    private const int MostOfOneSecond = 16;

    private static readonly Attempt Others = new("other sources", "all doors");

    private readonly Lock _lock = new();
    private HashSet<Attempt> _written = [];
    private Dictionary<Attempt, long> _leftOut = [];

    private sealed record Attempt(string Source, string Door);

    /// <summary>Writes the row before the answer goes out, or counts it.</summary>
    public async ValueTask NoteAsync(HttpContext http)
    {
        var attempt = new Attempt(http.SourceAddress(), http.Door().Name);
        if (!MayWrite(attempt))
        {
            return;
        }

        var why = (await http.AuthenticateAsync()).Failure?.Message ?? "No credential was shown.";
        try
        {
            await AppendAsync(attempt, http.TraceIdentifier, $"{attempt.Door}: {why}");
        }
        catch (StoreException)
        {
            // The caller is refused all the same; the row comes with the next flush.
            Count(attempt, 1);
        }
    }

    /// <summary>Writes what was only counted, and begins the next second.</summary>
    /// <exception cref="StoreException">It is kept for the next time.</exception>
    public async Task FlushAsync()
    {
        foreach (var (attempt, count) in Next())
        {
            try
            {
                await AppendAsync(attempt, "-", $"{attempt.Door}: {count} more within a second.");
            }
            catch (StoreException)
            {
                Count(attempt, count);
                throw;
            }
        }
    }

    private bool MayWrite(Attempt attempt)
    {
        lock (_lock)
        {
            var isOwn = _written.Contains(attempt) || _leftOut.ContainsKey(attempt) || _written.Count < MostOfOneSecond;
            if (isOwn && !_leftOut.ContainsKey(attempt) && _written.Add(attempt))
            {
                return true;
            }

            Add(isOwn ? attempt : Others, 1);
            return false;
        }
    }

    private void Count(Attempt attempt, long count)
    {
        lock (_lock)
        {
            Add(attempt, count);
        }
    }

    private void Add(Attempt attempt, long count) => _leftOut[attempt] = _leftOut.GetValueOrDefault(attempt) + count;

    /// <summary>Who has a row for this second now has none for the next.</summary>
    private Dictionary<Attempt, long> Next()
    {
        lock (_lock)
        {
            var leftOut = _leftOut;
            (_written, _leftOut) = ([.. leftOut.Keys], []);
            return leftOut;
        }
    }

    private ValueTask AppendAsync(Attempt attempt, string requestId, string detail) => audit.AppendAsync(
        new AuditEntry { Caller = new Caller(Guid.Empty, "nobody", Guid.Empty, attempt.Source, requestId), Action = "authentication", Outcome = "refused", Detail = detail },
        CancellationToken.None);
}
