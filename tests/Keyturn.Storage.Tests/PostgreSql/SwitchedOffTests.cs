using System.Diagnostics;
using Keyturn.Resets;

namespace Keyturn.Storage.Tests.PostgreSql;

/// <summary>
/// An operator, or a cluster's software, that ends synchronous replication while commits wait: the server calls those commits success. The
/// servers are the test's own, since others would wait as well.
/// </summary>
public sealed class SwitchedOffTests : IAsyncLifetime
{
    private const string Replica = "postgresql-15-replica";

    private static readonly TimeSpan LabLimit = TimeSpan.FromMinutes(3);

    private readonly TempFolder _folder = new();
    private string _lab = "";

    public async ValueTask InitializeAsync()
    {
        Assert.SkipUnless(File.Exists(Environment.GetEnvironmentVariable("KEYTURN_LAB")), "no lab: run script/test, or script/lab up and set KEYTURN_LAB to its lab.json");
        _lab = _folder.File("lab");
        await LabAsync("up", "postgresql-15", Replica);
    }

    public async ValueTask DisposeAsync()
    {
        if (_lab.Length > 0)
        {
            await LabAsync("down");
        }

        _folder.Dispose();
    }

    [Fact]
    public async Task Prepare_WhileItsCommitWaits_IsUnknown()
    {
        await using var test = await TestStore.CreateAsync(StoreKind.PostgreSql, Path.Combine(_lab, "lab.json"));
        var account = await test.AdoptedAccountAsync("app", "old");
        test.Execute("ALTER SYSTEM SET synchronous_standby_names = '*'");
        test.Execute("SELECT pg_reload_conf()");
        await UntilAsync(test, "SELECT 1 / count(*) FROM pg_stat_replication WHERE sync_state = 'sync'");
        (await test.Store.Resets.PrepareAsync(test.Intent(await test.AdoptedAccountAsync("other", "old")))).Conflict.ShouldBe(PrepareConflict.None);

        await LabAsync("pause", Replica);
        var prepare = Task.Run(() => test.Store.Resets.PrepareAsync(test.Intent(account)).AsTask());
        await UntilAsync(test, "SELECT 1 / count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'");
        prepare.IsCompleted.ShouldBeFalse();
        test.Execute("ALTER SYSTEM RESET synchronous_standby_names");
        test.Execute("SELECT pg_reload_conf()");

        (await prepare).Conflict.ShouldBe(PrepareConflict.Unknown);
    }

    /// <summary>Until a statement that fails while something is not yet so (a division by zero) does not fail any more.</summary>
    private static async Task UntilAsync(TestStore test, string statement)
    {
        for (var left = 300; ; left--)
        {
            try
            {
                test.Execute(statement);
                return;
            }
            catch (Npgsql.PostgresException) when (left > 0)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System);
            }
        }
    }

    private async Task LabAsync(string verb, params string[] servers)
    {
        using var run = Process.Start(new ProcessStartInfo(ScriptFile(), [verb, "--dir", _lab, .. servers]) { UseShellExecute = false, RedirectStandardOutput = true })!;
        await run.StandardOutput.ReadToEndAsync().WaitAsync(LabLimit, TimeProvider.System);
        await run.WaitForExitAsync().WaitAsync(LabLimit, TimeProvider.System);
        run.ExitCode.ShouldBe(0);
    }

    private static string ScriptFile()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder!.FullName, "script", "lab")))
        {
            folder = folder.Parent;
        }

        return Path.Combine(folder.FullName, "script", "lab");
    }
}
