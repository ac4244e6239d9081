using Keyturn.Crash.Lab;
using Keyturn.Crash.Storms;

namespace Keyturn.Crash.Treatments;

/// <summary>
/// The store's folder and files lose their write permission in a storm. What is open goes on; a start is refused with a sentence, and
/// when they can be written again everything is there.
/// </summary>
internal static class ReadOnlyFolder
{
    private const string Nobody = "65534";

    public static async Task RunAsync(Ward ward)
    {
        // Permissions do not bind root: there Keyturn runs as nobody.
        var isRoot = Environment.IsPrivilegedProcess;
        var folder = ward.Campaign.NewFolder();
        IReadOnlyList<string> before = isRoot ? ["setpriv", $"--reuid={Nobody}", $"--regid={Nobody}", "--clear-groups", "env", "HOME=/nonexistent"] : [];
        await using var deployment = ward.Campaign.Deploy(folder, plan => plan with { Before = before });
        if (isRoot)
        {
            await Command.RunAsync("chown", ["-R", $"{Nobody}:{Nobody}", folder, deployment.Plan.Folder]);
            if (await Command.TryAsync(before[0], [.. before.Skip(1), "test", "-x", deployment.Plan.Program]) is not null)
            {
                ward.Findings.Skipped = "an ordinary user cannot reach the program here";
                return;
            }
        }

        await deployment.OpenAsync();
        foreach (var database in ward.Campaign.Databases)
        {
            await deployment.AddAsync(database, Storm.CallersPerDatabase);
        }

        var ledger = new Ledger();
        using var end = new CancellationTokenSource();
        var storm = ward.Storm(deployment, ledger).RunAsync(deployment.Accounts, end.Token);
        await ledger.UntilAnsweredAsync(ward.Campaign.Databases.Count);
        SetWritable(folder, isWritable: false);
        await Task.Delay(ward.Options.Storm, TimeProvider.System);
        await deployment.Nodes[0].KillAsync();
        await end.CancelAsync();
        await storm;

        var (code, said) = await deployment.Nodes[0].StartToFailAsync();
        if (code == 0 || said.Contains("   at ", StringComparison.Ordinal) || said.Length == 0)
        {
            ward.Findings.Fault($"A start on a folder that cannot be written ended with {code} and no sentence: {said}");
        }

        ward.Findings.Note($"the start says: {said.ReplaceLineEndings(" ").Replace(folder, "…", StringComparison.Ordinal).Trim()}");
        SetWritable(folder, isWritable: true);
        await deployment.Nodes[0].StartAsync();
        await ward.CompareAsync(deployment);
        await ward.Judgement(deployment).RunAsync(ledger);
        ward.Findings.HappenedOnce();
    }

    private static void SetWritable(string folder, bool isWritable)
    {
        const UnixFileMode Write = UnixFileMode.UserWrite;
        foreach (var path in Directory.GetFiles(folder).Append(folder))
        {
            var mode = File.GetUnixFileMode(path);
            File.SetUnixFileMode(path, isWritable ? mode | Write : mode & ~Write);
        }
    }
}
