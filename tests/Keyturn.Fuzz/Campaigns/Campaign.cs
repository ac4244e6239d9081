using System.Diagnostics;
using System.Globalization;

namespace Keyturn.Fuzz.Campaigns;

/// <summary>What came of one target.</summary>
internal sealed record TargetReport(string Target, long Inputs, int Files, int Kept, IReadOnlyList<string> Findings, TimeSpan Took);

/// <summary>Runs targets one after the other, each in a process of its own: what kills that is found too.</summary>
internal sealed class Campaign(ulong seed, TimeSpan timeEach, string findingsFolder)
{
    private const int MostDeaths = 5;

    public async Task<TargetReport> RunAsync(string target)
    {
        var scratch = Directory.CreateTempSubdirectory("keyturn-fuzz-run-");
        try
        {
            return await RunAsync(target, scratch.FullName);
        }
        finally
        {
            scratch.Delete(recursive: true);
        }
    }

    private async Task<TargetReport> RunAsync(string target, string scratch)
    {
        var (began, inputs, findings) = (Stopwatch.StartNew(), 0L, new List<string>());
        var (files, kept) = (0, 0);
        for (var deaths = 0; deaths < MostDeaths; deaths++)
        {
            var options = new WorkerOptions(seed + (ulong)deaths, Later(timeEach - began.Elapsed), scratch, findingsFolder);
            var code = await WorkAsync(target, options);
            var (count, last) = CurrentInput.Read(options.CurrentFile);
            inputs += count;
            foreach (var line in Take(options.ResultFile).Select(line => line.Split('\t')))
            {
                (files, kept) = line is ["ended", var replayed, var worth] ? (int.Parse(replayed, CultureInfo.InvariantCulture), int.Parse(worth, CultureInfo.InvariantCulture)) : (files, kept);
                findings.AddRange(line is ["finding", var fault, var path, var detail] ? [$"{fault} (seed {options.Seed}) {path}: {detail}"] : []);
            }

            if (code == 0)
            {
                return new TargetReport(target, inputs, files, kept, findings, began.Elapsed);
            }

            findings.Add(await KeepAsync(target, options, code, last));
            if (began.Elapsed >= timeEach)
            {
                break;
            }
        }

        return new TargetReport(target, inputs, files, kept, findings, began.Elapsed);
    }

    private static TimeSpan Later(TimeSpan left) => left > TimeSpan.Zero ? left : TimeSpan.Zero;

    private static async Task<int> WorkAsync(string target, WorkerOptions options)
    {
        string[] arguments =
        [
            "--worker", "--target", target, "--seed", options.Seed.ToString(CultureInfo.InvariantCulture), "--seconds", options.Time.TotalSeconds.ToString("F2", CultureInfo.InvariantCulture),
            "--scratch", options.Scratch, "--findings", options.FindingsFolder,
        ];
        using var worker = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, arguments) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true })!;
        var (output, errors) = (worker.StandardOutput.ReadToEndAsync(), worker.StandardError.ReadToEndAsync());
        await worker.WaitForExitAsync();
        await File.WriteAllTextAsync(Path.Combine(options.FindingsFolder, $"{target}.log"), await output + await errors);
        return worker.ExitCode;
    }

    /// <summary>A process that died has not made its last input small.</summary>
    private static async Task<string> KeepAsync(string target, WorkerOptions options, int code, byte[] input)
    {
        var path = Path.Combine(options.FindingsFolder, $"{target}-{options.Seed}-last");
        await File.WriteAllBytesAsync(path, input);
        var fault = code == WorkerOptions.HungCode ? Fault.Hang : Fault.Crash;
        return $"{fault} (seed {options.Seed}) {path}: the process ended with {code}, see {target}.log beside it";
    }

    private static string[] Take(string path)
    {
        var lines = File.Exists(path) ? File.ReadAllLines(path) : [];
        File.Delete(path);
        return lines;
    }
}
