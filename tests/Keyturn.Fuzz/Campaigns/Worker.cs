using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using Keyturn.Fuzz.Coverage;
using Keyturn.Fuzz.Mutations;
using Keyturn.Fuzz.Targets;
using Keyturn.Simulation;

namespace Keyturn.Fuzz.Campaigns;

/// <summary>
/// Runs one target in this process: its corpus, then mutations of what is worth it (what comes out another way, or reaches code that nothing had), until the time is over. What it finds it writes down at once: it
/// may die of any input, and who started it looks at what is left.
/// </summary>
internal sealed class Worker(FuzzTarget target, WorkerOptions options) : IDisposable
{
    private const int MostKept = 2000;

    /// <summary>For a server to start and to stop, on a machine that has other things to do: that is none of an input's time.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan Shortening = TimeSpan.FromSeconds(5);
    private readonly Judge _judge = new(target);
    private readonly CurrentInput _current = new(options.CurrentFile);
    private readonly List<byte[]> _corpus = [];
    private readonly HashSet<string> _outcomes = [];
    private readonly HashSet<string> _found = [];
    private readonly Reach _reach = new();
    private readonly IReadOnlyList<string> _files = Corpus.FilesOf(target.Name);
    private long _began = Stopwatch.GetTimestamp();
    private volatile bool _isPausing = true;

    public async Task RunAsync()
    {
        var clock = Stopwatch.StartNew();
        using var watch = TimeProvider.System.CreateTimer(_ => EndIfItHangs(), state: null, options.Patience, TimeSpan.FromSeconds(1));
        await target.StartAsync();
        foreach (var file in _files)
        {
            await TakeAsync(await File.ReadAllBytesAsync(file));
        }

        await MutateAsync();
        if (options.KeptFolder is { } folder)
        {
            await KeepFewestAsync(Directory.CreateDirectory(Path.Combine(folder, target.Name)).FullName);
        }

        await target.DisposeAsync();
        await WriteAsync("ended", target.Name, $"{_current.Count}", $"{_files.Count}", $"{_corpus.Count}", $"{_reach.Count}", $"{clock.ElapsedMilliseconds}");
    }

    public void Dispose() => _current.Dispose();

    private async Task MutateAsync()
    {
        var mutator = new Mutator(new Dice(options.Seed), [.. target.Words.Select(Encoding.Latin1.GetBytes)], target.Longest);
        var limit = Stopwatch.StartNew();
        while (limit.Elapsed < options.Time && _current.Count < options.MostInputs && !(options.IsOneEnough && _found.Count > 0))
        {
            await TakeAsync(mutator.Next(_corpus));
        }
    }

    private async Task TakeAsync(byte[] input)
    {
        Reach.Wipe();
        var verdict = await RunAsync(input);
        if ((_reach.Take() | _outcomes.Add(verdict.Outcome)) && _corpus.Count < MostKept && verdict.Finding is null)
        {
            _corpus.Add(input);
        }

        await target.RestAsync();
        if (verdict.Finding is { } finding && _found.Add($"{finding.Fault} {finding.Place}"))
        {
            await ReportAsync(finding, await SmallestAsync(input, finding));
        }
    }

    /// <summary>Of those that were worth keeping, the fewest and smallest that still reach what the files of the corpus do not.</summary>
    private async Task KeepFewestAsync(string folder)
    {
        var reached = new Reach();
        foreach (var file in _files)
        {
            await ReachAsync(reached, await File.ReadAllBytesAsync(file));
        }

        foreach (var input in _corpus.OrderBy(input => input.Length).ToList())
        {
            if (await ReachAsync(reached, input))
            {
                await File.WriteAllBytesAsync(Path.Combine(folder, Convert.ToHexStringLower(SHA256.HashData(input))[..12]), input);
            }
        }
    }

    private async Task<bool> ReachAsync(Reach reached, byte[] input)
    {
        Reach.Wipe();
        await RunAsync(input);
        return reached.TakeBlocks();
    }

    private async Task<Verdict> RunAsync(byte[] input)
    {
        _current.Set(input);
        Begin(isPause: false);
        var verdict = await _judge.RunAsync(input);
        Begin(isPause: true);
        return verdict;
    }

    private void Begin(bool isPause)
    {
        Interlocked.Exchange(ref _began, Stopwatch.GetTimestamp());
        _isPausing = isPause;
    }

    /// <summary>Takes away halves, quarters and so on, as long as the same is found.</summary>
    private async Task<byte[]> SmallestAsync(byte[] input, Finding finding)
    {
        var limit = Stopwatch.StartNew();
        for (var length = input.Length / 2; length > 0; length /= 2)
        {
            for (var at = 0; at < input.Length && limit.Elapsed < Shortening;)
            {
                byte[] less = [.. input[..at], .. input[Math.Min(input.Length, at + length)..]];
                if ((await RunAsync(less)).Finding is { } again && again.IsSame(finding))
                {
                    input = less;
                }
                else
                {
                    at += length;
                }
            }
        }

        return input;
    }

    private async Task ReportAsync(Finding finding, byte[] input)
    {
        var path = Path.Combine(options.FindingsFolder, $"{target.Name}-{options.Seed}-{_found.Count}");
        await File.WriteAllBytesAsync(path, input);
        await WriteAsync("finding", target.Name, $"{finding.Fault} (seed {options.Seed}) {path}: {finding.Place} {finding.Message}");
    }

    private Task WriteAsync(params string[] fields) => File.AppendAllTextAsync(options.ResultFile, string.Join('\t', fields) + '\n');

    private void EndIfItHangs()
    {
        if (Stopwatch.GetElapsedTime(Interlocked.Read(ref _began)) > (_isPausing ? Pause : options.Patience))
        {
            Environment.Exit(WorkerOptions.HungCode);
        }
    }
}

/// <summary>What a worker is told.</summary>
/// <param name="Seed">Of all chance.</param>
/// <param name="Time">How long it mutates, after the corpus.</param>
/// <param name="Scratch">A folder for what the parent reads.</param>
/// <param name="FindingsFolder">Where inputs of findings are kept.</param>
internal sealed record WorkerOptions(ulong Seed, TimeSpan Time, string Scratch, string FindingsFolder)
{
    /// <summary>How long an input may run before the process is ended for it: longer than three tries that each wait for their deadline.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(12);

    /// <summary>After so many it ends, too.</summary>
    public long MostInputs { get; init; } = long.MaxValue;

    /// <summary>It also ends with its first finding.</summary>
    public bool IsOneEnough { get; init; }

    /// <summary>A folder for new inputs that are worth a place in the corpus; null where none are wanted.</summary>
    public string? KeptFolder { get; init; }

    /// <summary>How a worker ends whose input has not.</summary>
    public const int HungCode = 97;

    /// <summary>The input that is being run.</summary>
    public string CurrentFile => Path.Combine(Scratch, "current");

    /// <summary>A line for each finding and each target that came to its end.</summary>
    public string ResultFile => Path.Combine(Scratch, "results");
}
