using System.CommandLine;
using System.Text.Json;
using Keyturn.Cli.Api;
using Keyturn.Cli.Output;

namespace Keyturn.Cli.Commands;

/// <summary><c>keyturn audit tail</c></summary>
internal static class AuditTailCommand
{
    private const int PageSize = 1000;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    /// <summary>A row that was begun before another may be committed after it: for so long earlier sequences are asked for again.</summary>
    private static readonly TimeSpan Overlap = TimeSpan.FromSeconds(30);

    public static Command Create(ClientOptions client)
    {
        var filter = new AuditFilterOptions();
        var lines = new Option<int>("--lines", "-n") { Description = "Begin with so many that are there already", DefaultValueFactory = _ => 10 };
        var once = new Option<bool>("--no-follow") { Description = "End after those" };
        var command = new Command("tail", "Write what is done as it is done, until interrupted; with --output json a line of JSON each") { lines, once };
        filter.AddTo(command);
        client.SetAction(command, async (parse, session, cancel) =>
        {
            var tail = new Tail(session);
            var isDone = await tail.ShowAsync(filter.Request(parse, Math.Clamp(parse.GetValue(lines), 1, PageSize), after: null), parse.GetValue(lines) > 0, cancel);
            while (isDone == ExitCode.Done && !parse.GetValue(once) && await WaitAsync(cancel))
            {
                isDone = await tail.ShowAsync(filter.Request(parse, PageSize, tail.After), show: true, cancel);
            }

            return isDone;
        });
        return command;
    }

    /// <summary>False when somebody has had enough.</summary>
    private static async Task<bool> WaitAsync(CancellationToken cancel)
    {
        try
        {
            await Task.Delay(Interval, TimeProvider.System, cancel);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    /// <summary>What was shown already.</summary>
    private sealed class Tail(Session session)
    {
        private readonly SortedDictionary<long, DateTimeOffset> _seen = [];

        /// <summary>What is to be asked for next follows this one; null before anything was asked for.</summary>
        public long? After { get; private set; }

        public async Task<ExitCode> ShowAsync(ApiRequest request, bool show, CancellationToken cancel)
        {
            var answer = await session.SendQuietlyAsync(request, cancel);
            if (!answer.IsSuccess)
            {
                return session.Write(answer, _ => { });
            }

            var entries = answer.Body.Items("entries").OrderBy(SequenceOf).ToList();
            foreach (var entry in entries)
            {
                if (_seen.TryAdd(SequenceOf(entry), entry.GetProperty("time").GetDateTimeOffset()) && show)
                {
                    session.Terminal.Out.WriteLine(session.IsJson ? entry.GetRawText() : Line(entry));
                }
            }

            Forget(entries);
            return ExitCode.Done;
        }

        private void Forget(List<JsonElement> page)
        {
            if (After is null)
            {
                After = page.Count == 0 ? 0 : SequenceOf(page[0]) - 1;
            }

            var settled = _seen.Count == 0 ? default : _seen.Values.Max() - Overlap;
            foreach (var (sequence, _) in _seen.TakeWhile(seen => seen.Value < settled).ToList())
            {
                _seen.Remove(sequence);
                After = Math.Max(After.Value, sequence);
            }

            // In a rush the next page is more than the overlap.
            After = page.Count == PageSize ? SequenceOf(page[^1]) : After;
        }

        private static long SequenceOf(JsonElement entry) => entry.GetProperty("sequence").GetInt64();

        private static string Line(JsonElement entry) => Printable.Of(string.Join("  ", new[]
        {
            entry.Text("time"), entry.Text("principal"), entry.Text("source"), entry.Text("action"), entry.Text("outcome"), entry.Text("account"), entry.Text("reset_id"),
            entry.Text("detail"),
        }.Where(text => text.Length > 0)));
    }
}
