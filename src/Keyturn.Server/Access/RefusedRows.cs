using Keyturn.Access;
using Keyturn.Audit;
using Keyturn.Storage;

namespace Keyturn.Server.Access;

/// <summary>
/// Audit rows of what was refused, which anybody can have as often as the limit of requests allows: of what is the same at most one a second, with how many
/// more there were, so that a flood of them fills no store. The first is in the log before the answer goes out.
/// </summary>
internal sealed class RefusedRows(IAuditLog audit)
{
    /// <summary>What has rows of its own in one second, of each group; the rest shares one.</summary>
    private const int MostOfOneSecond = 64;

    private readonly Lock _lock = new();
    private HashSet<Refused> _written = [];
    private Dictionary<Refused, long> _leftOut = [];

    /// <summary>What is told together.</summary>
    /// <param name="Caller">Who, with no request's id.</param>
    /// <param name="Action">As the row has it.</param>
    /// <param name="What">Before the reason.</param>
    internal sealed record Refused(Caller Caller, string Action, string What)
    {
        public Guid? InstanceId { get; init; }

        public string? Account { get; init; }

        /// <summary>What keeps it apart from others, and is not written down: the same of what there is and of what there is not, or the time of the answer would tell.</summary>
        public string Named { get; init; } = "";

        /// <summary>Whose rows are counted together.</summary>
        public Guid Group { get; init; }

        /// <summary>As what it is counted where its group has too many rows in this second; null where it has its own all the same.</summary>
        public Refused? Beyond { get; init; }
    }

    /// <summary>Writes the row, or counts it.</summary>
    public async ValueTask NoteAsync(Refused refused, string requestId, Func<ValueTask<string>> why)
    {
        if (!MayWrite(refused))
        {
            return;
        }

        try
        {
            await AppendAsync(refused, requestId, await why());
        }
        catch (StoreException)
        {
            // The caller is refused all the same; the row comes with the next flush.
            Count(refused, 1);
        }
    }

    /// <summary>Writes what was only counted, and begins the next second.</summary>
    /// <exception cref="StoreException">It is kept for the next time.</exception>
    public async Task FlushAsync()
    {
        var next = Next();
        try
        {
            while (next.TryPeek(out var told))
            {
                await AppendAsync(told.Refused, "-", $"{told.Count} more within a second.");
                next.Dequeue();
            }
        }
        finally
        {
            foreach (var (refused, count) in next)
            {
                Count(refused, count);
            }
        }
    }

    private bool MayWrite(Refused refused)
    {
        lock (_lock)
        {
            var isCounted = _leftOut.ContainsKey(refused);
            var isOwn = isCounted || _written.Contains(refused) || refused.Beyond is null || _written.Count(other => other.Group == refused.Group) < MostOfOneSecond;
            if (isOwn && !isCounted && _written.Add(refused))
            {
                return true;
            }

            Add(isOwn ? refused : refused.Beyond!, 1);
            return false;
        }
    }

    private void Count(Refused refused, long count)
    {
        lock (_lock)
        {
            Add(refused, count);
        }
    }

    private void Add(Refused refused, long count) => _leftOut[refused] = _leftOut.GetValueOrDefault(refused) + count;

    /// <summary>Who has a row for this second now has none for the next.</summary>
    private Queue<(Refused Refused, long Count)> Next()
    {
        lock (_lock)
        {
            var leftOut = _leftOut;
            (_written, _leftOut) = ([.. leftOut.Keys], []);
            return new(leftOut.Select(told => (told.Key, told.Value)));
        }
    }

    private ValueTask AppendAsync(Refused refused, string requestId, string detail) => audit.AppendAsync(
        new AuditEntry
        {
            Caller = refused.Caller with { RequestId = requestId },
            Action = refused.Action,
            Outcome = "refused",
            InstanceId = refused.InstanceId,
            Account = refused.Account,
            Detail = $"{refused.What}: {detail}",
        },
        CancellationToken.None);
}
