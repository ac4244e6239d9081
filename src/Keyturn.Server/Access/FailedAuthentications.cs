using Keyturn.Access;
using Keyturn.Audit;
using Keyturn.Server.Doors;
using Keyturn.Storage;
using Microsoft.AspNetCore.Authentication;

namespace Keyturn.Server.Access;

/// <summary>
/// Has an audit row for callers whom no door let in, and for sign-ins that were refused: at most one a second for each source, door and user that was
/// named, with how many more there were, so that a flood of them fills no store. What the caller showed is not in it.
/// </summary>
internal sealed class FailedAuthentications(IAuditLog audit)
{
    /// <summary>Attempts that have rows of their own in one second; the others share one.</summary>
    private const int MostOfOneSecond = 16;

    private const string AnyKind = "authentication";

    private static readonly Attempt Others = new("other sources", "all doors", AnyKind);

    private readonly Lock _lock = new();
    private HashSet<Attempt> _written = [];
    private Dictionary<Attempt, long> _leftOut = [];

    /// <summary>What is told together.</summary>
    private sealed record Attempt(string Source, string Door, string Action)
    {
        /// <summary>Of sign-ins: whoever was named. A name that is nobody's keeps its attempts apart as a known one does, and is not written down: people type their password there.</summary>
        public string Named { get; init; } = "";

        /// <summary>Whoever that is, if anybody.</summary>
        public (Guid Id, string Name) Principal { get; init; } = (Guid.Empty, "nobody");

        public Guid Project { get; init; }
    }

    /// <summary>Writes the row before the answer goes out, or counts it.</summary>
    public async ValueTask NoteAsync(HttpContext http)
    {
        var attempt = new Attempt(http.SourceAddress(), http.Door().Name, AnyKind);
        if (MayWrite(attempt))
        {
            await WriteAsync(attempt, http.TraceIdentifier, (await http.AuthenticateAsync()).Failure?.Message ?? "No credential was shown.");
        }
    }

    /// <summary>The same for a sign-in.</summary>
    /// <param name="http">The request.</param>
    /// <param name="action">What was asked for.</param>
    /// <param name="named">Whoever was named, known or not.</param>
    /// <param name="principal">Whoever that is.</param>
    /// <param name="project">The project that was named, or the principal's.</param>
    /// <param name="why">Why not.</param>
    public async ValueTask NoteSignInAsync(HttpContext http, string action, string named, Principal? principal, Project? project, string why)
    {
        var attempt = new Attempt(http.SourceAddress(), http.Door().Name, action)
        {
            Named = named,
            Principal = principal is null ? Others.Principal : (principal.Id, principal.Name),
            Project = project?.Id ?? Guid.Empty,
        };
        if (MayWrite(attempt))
        {
            await WriteAsync(attempt, http.TraceIdentifier, why);
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
                await AppendAsync(attempt, "-", $"{count} more within a second.");
            }
            catch (StoreException)
            {
                Count(attempt, count);
                throw;
            }
        }
    }

    private async ValueTask WriteAsync(Attempt attempt, string requestId, string why)
    {
        try
        {
            await AppendAsync(attempt, requestId, why);
        }
        catch (StoreException)
        {
            // The caller is refused all the same; the row comes with the next flush.
            Count(attempt, 1);
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
        new AuditEntry
        {
            Caller = new Caller(attempt.Principal.Id, attempt.Principal.Name, attempt.Project, attempt.Source, requestId),
            Action = attempt.Action,
            Outcome = "refused",
            Detail = $"{attempt.Door}: {detail}",
        },
        CancellationToken.None);
}
