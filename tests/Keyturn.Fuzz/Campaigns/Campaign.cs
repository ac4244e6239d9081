using System.Diagnostics;
using System.Globalization;

namespace Keyturn.Fuzz.Campaigns;

/// <summary>What came of one target. Blocks are what its inputs reached of Keyturn's code, none where nothing counts them.</summary>
internal sealed record TargetReport(string Target, long Inputs, int Files, int Kept, int Blocks, IReadOnlyList<string> Findings, TimeSpan Took);

/// <summary>
/// Runs targets one after the other in a process apart: what kills that is found too. Another goes on with the target, with the next seed, and leaves
/// it to the ones after it when that dies as well.
/// </summary>
/// <param name="program">What to start: this program, or a copy of it that counts what its inputs reach.</param>
/// <param name="each">What each target is run with; scratch files have a folder of the campaign's own.</param>
internal sealed class Campaign(string program, WorkerOptions each) : IDisposable
{
    /// <summary>After so many a target is given up.</summary>
    private const int MostDeaths = 3;

    private readonly DirectoryInfo _scratch = Directory.CreateTempSubdirectory("keyturn-fuzz-run-");
    private readonly List<string> _lines = [];
    private readonly List<string> _deaths = [];

    public async Task<IReadOnlyList<TargetReport>> RunAsync(IReadOnlyList<string> targets)
    {
        for (var left = targets; left.Count > 0; left = [.. targets.Where(target => !HasEnded(target))])
        {
            var deaths = _deaths.Count(target => target == left[0]);
            var options = each with { Seed = each.Seed + (ulong)deaths, Scratch = _scratch.FullName };
            var code = await WorkAsync(left, options);
            TakeResults(options);
            if (left.FirstOrDefault(target => !HasEnded(target)) is { } dead)
            {
                await NoteDeathAsync(dead, options, code);
            }
        }

        return [.. targets.Select(Report)];
    }

    public void Dispose() => _scratch.Delete(recursive: true);

    private async Task<int> WorkAsync(IReadOnlyList<string> targets, WorkerOptions options)
    {
        string[] arguments =
        [
            "--worker", "--target", string.Join(',', targets), "--seed", options.Seed.ToString(CultureInfo.InvariantCulture),
            "--seconds", options.Time.TotalSeconds.ToString("F3", CultureInfo.InvariantCulture), "--scratch", options.Scratch, "--findings", options.FindingsFolder,
            "--patience", options.Patience.TotalSeconds.ToString("F1", CultureInfo.InvariantCulture), "--inputs", options.MostInputs.ToString(CultureInfo.InvariantCulture),
            .. options.IsOneEnough ? ["--until-found"] : Array.Empty<string>(), .. options.KeptFolder is { } kept ? ["--keep", kept] : Array.Empty<string>(),
        ];
        var start = new ProcessStartInfo(program, arguments) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        using var worker = Process.Start(start)!;
        var (output, errors) = (worker.StandardOutput.ReadToEndAsync(), worker.StandardError.ReadToEndAsync());
        await worker.WaitForExitAsync();
        await File.AppendAllTextAsync(Path.Combine(options.FindingsFolder, "log"), await output + await errors);
        return worker.ExitCode;
    }

    private bool HasEnded(string target) => _lines.Exists(line => line.StartsWith($"ended\t{target}\t", StringComparison.Ordinal));

    private void TakeResults(WorkerOptions options)
    {
        _lines.AddRange(File.Exists(options.ResultFile) ? File.ReadAllLines(options.ResultFile) : []);
        File.Delete(options.ResultFile);
    }

    /// <summary>A process that died has not made its last input small.</summary>
    private async Task NoteDeathAsync(string target, WorkerOptions options, int code)
    {
        var path = Path.Combine(each.FindingsFolder, $"{target}-{options.Seed}-last");
        var (count, input) = CurrentInput.Read(options.CurrentFile);
        await File.WriteAllBytesAsync(path, input);
        _deaths.Add(target);
        _lines.Add($"finding\t{target}\t{(code == WorkerOptions.HungCode ? Fault.Hang : Fault.Crash)} (seed {options.Seed}) {path}: the process ended with {code} after {count} inputs");
        if (_deaths.Count(dead => dead == target) == (each.IsOneEnough ? 1 : MostDeaths))
        {
            _lines.Add($"ended\t{target}\t{count}\t0\t0\t0\t0");
        }
    }

    private TargetReport Report(string target)
    {
        var fields = _lines.Select(line => line.Split('\t')).Where(line => line[1] == target).ToList();
        var ended = fields.Find(line => line[0] == "ended")!.Skip(2).Select(number => long.Parse(number, CultureInfo.InvariantCulture)).ToList();
        return new TargetReport(
            target, ended[0], (int)ended[1], (int)ended[2], (int)ended[3], [.. fields.Where(line => line[0] == "finding").Select(line => line[2])], TimeSpan.FromMilliseconds(ended[4]));
    }
}
