using System.Diagnostics;
using System.Net;
using Keyturn.Engines;

namespace Keyturn.LiveTests.WholeProgram;

/// <summary>The store's care on the real program and real servers: a backup while resets run, a restore that lies to nobody, new keys without a stop.</summary>
public sealed class StoreCareTests
{
    private const string Unverified = "urn:keyturn:problem:unverified";
    private static readonly TimeSpan Storm = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan ProbeLimit = TimeSpan.FromSeconds(40);

    [Theory]
    [InlineData("postgresql-15")]
    [InlineData("redis-7")]
    public async Task Backup_WhileResetsRun_RestoredServesOnlyWhatTheServerAccepts(string server)
    {
        await using var accounts = new LabAccounts(Lab.Server(server));
        await using var keyturn = await KeyturnProcess.CreateAsync();
        await keyturn.StartAsync();
        var instance = await keyturn.Api.RegisterAsync(accounts.Server);
        var (calm, busy) = (await ResetSomeAsync(keyturn.Api, accounts, instance), await ResetSomeAsync(keyturn.Api, accounts, instance));

        using var stop = new CancellationTokenSource();
        var storm = busy.Select(user => StormAsync(keyturn.Api, instance, user, stop.Token)).ToList();
        await Task.Delay(Storm, TimeProvider.System);
        (await keyturn.RunAsync("store", "check", "--store", keyturn.StorePath, "--master-key", keyturn.MasterKeyPath)).ShouldBe(0, keyturn.Output);
        (await keyturn.RunAsync("store", "backup", keyturn.InFolder("backup"), "--store", keyturn.StorePath, "--master-key", keyturn.MasterKeyPath)).ShouldBe(0, keyturn.Output);
        await Task.Delay(Storm, TimeProvider.System);
        await stop.CancelAsync();
        await Task.WhenAll(storm);

        // After the backup at the latest here: no restored password of theirs is the server's.
        foreach (var user in busy)
        {
            (await keyturn.Api.ResetAsync(instance, user)).ShouldBe(HttpStatusCode.OK);
        }

        await keyturn.KillAsync();
        (await keyturn.RunAsync("store", "restore", keyturn.InFolder("backup"), "--store", keyturn.InFolder("restored"), "--master-key", keyturn.MasterKeyPath)).ShouldBe(0, keyturn.Output);
        keyturn.Serve("restored");
        await keyturn.StartAsync();

        await UntilVerifiedAsync(keyturn.Api, accounts, instance, calm, busy);
        foreach (var user in busy)
        {
            var secret = await keyturn.Api.SecretAsync(instance, user);
            secret.ShouldBe(HttpStatusCode.Conflict);
            var reset = await keyturn.Api.ResetAsync(instance, user);
            if (reset.Status == HttpStatusCode.Accepted)
            {
                // The same request was open in the backup, and this one is told its end: parked, since it is not sent again. Another request replaces it.
                reset["reset"].ShouldNotBeNull().ShouldContain("parked");
                reset = await keyturn.Api.ResetAsync(instance, user, "Another-1-canary");
            }

            reset.ShouldBe(HttpStatusCode.OK);
            (await accounts.LoginAsync(user, reset["password"]!)).ShouldBe(Login.Accepted);
            (await keyturn.Api.SecretAsync(instance, user))["password"].ShouldBe(reset["password"]);
        }
    }

    [Fact]
    public async Task NewMasterKey_WhileTheServerRuns_NeedsNoStop()
    {
        await using var accounts = new LabAccounts(Lab.Server("postgresql-15"));
        await using var keyturn = await KeyturnProcess.CreateAsync();
        await keyturn.StartAsync();
        var instance = await keyturn.Api.RegisterAsync(accounts.Server);
        var user = await accounts.CreateAsync();
        var before = await keyturn.Api.ResetAsync(instance, user);

        (await keyturn.RunAsync("store", "new-master-key", "--master-key", keyturn.MasterKeyPath)).ShouldBe(0, keyturn.Output);
        // Nothing tells the server: it sees that the file has changed.
        await keyturn.UntilWrittenAsync("wrapped by the new master key");
        (await keyturn.Api.SecretAsync(instance, user))["password"].ShouldBe(before["password"]);
        (await keyturn.Api.ResetAsync(instance, user)).ShouldBe(HttpStatusCode.OK);
        string[] retire = ["retire-master-key", "--store", keyturn.StorePath, "--master-key", keyturn.MasterKeyPath, "--old-key", keyturn.InFolder("old.key")];
        (await keyturn.RunAsync("store", retire)).ShouldBe(0, keyturn.Output);

        await keyturn.KillAsync();
        await keyturn.StartAsync();
        await keyturn.UntilWrittenByAsync(() => HangUpAsync(keyturn), "Read the master key again");
        var secret = await keyturn.Api.SecretAsync(instance, user);
        (await accounts.LoginAsync(user, secret["password"]!)).ShouldBe(Login.Accepted);
        (await keyturn.RunAsync("store", "check", "--store", keyturn.StorePath, "--master-key", keyturn.InFolder("old.key"))).ShouldBe(2, "the old key opens nothing any more");
    }

    private static async Task HangUpAsync(KeyturnProcess keyturn)
    {
        using var kill = Process.Start("kill", ["-HUP", $"{keyturn.ProcessId}"]);
        await kill.WaitForExitAsync();
    }

    private static async Task<List<string>> ResetSomeAsync(KeyturnApi api, LabAccounts accounts, string instance)
    {
        var users = new List<string>();
        for (var i = 0; i < 4; i++)
        {
            users.Add(await accounts.CreateAsync());
            (await api.ResetAsync(instance, users[^1])).ShouldBe(HttpStatusCode.OK);
        }

        return users;
    }

    private static async Task StormAsync(KeyturnApi api, string instance, string user, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            (await api.ResetAsync(instance, user)).ShouldBe(HttpStatusCode.OK);
        }
    }

    /// <summary>Asks for every password all the time until the calm ones are served: whatever is served, the server accepts.</summary>
    private static async Task UntilVerifiedAsync(KeyturnApi api, LabAccounts accounts, string instance, List<string> calm, List<string> busy)
    {
        var started = TimeProvider.System.GetTimestamp();
        var waiting = calm.ToHashSet();
        while (waiting.Count > 0)
        {
            foreach (var user in calm.Concat(busy))
            {
                var secret = await api.SecretAsync(instance, user);
                if (secret.Status == HttpStatusCode.OK)
                {
                    (await accounts.LoginAsync(user, secret["password"]!)).ShouldBe(Login.Accepted, "what is served is the server's");
                    waiting.Remove(user);
                }
                else
                {
                    secret.ShouldBe(HttpStatusCode.Conflict);
                    secret["type"].ShouldBeOneOf(Unverified, "urn:keyturn:problem:busy");
                }
            }

            TimeProvider.System.GetElapsedTime(started).ShouldBeLessThan(ProbeLimit, "the server verifies them by itself");
        }
    }
}
