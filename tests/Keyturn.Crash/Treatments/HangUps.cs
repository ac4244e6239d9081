using Keyturn.Crash.Nodes;
using Keyturn.Crash.Storms;

namespace Keyturn.Crash.Treatments;

/// <summary>Callers that give up after some milliseconds. What they asked for goes on, or was never begun; nothing lies between.</summary>
internal static class HangUps
{
    private static readonly int[] Patience = [5, 20, 40];

    public static async Task RunAsync(Ward ward)
    {
        var deployment = await ward.Campaign.MainAsync();
        var ledger = new Ledger();
        var before = await VersionsAsync(deployment);
        foreach (var milliseconds in Patience)
        {
            await Task.WhenAll(
                from database in deployment.Accounts.GroupBy(account => account.Database)
                from number in Enumerable.Range(0, Storm.CallersPerDatabase)
                select CallAsync(ward, deployment, [.. database], number, ledger, TimeSpan.FromMilliseconds(milliseconds)));
            await ward.CompareAsync(deployment, inMotion: true);
        }

        ward.Findings.Note($"{await UntilQuietAsync(deployment) - before} carried out");
        await ward.CompareAsync(deployment);
        await ward.Judgement(deployment).RunAsync(ledger);
    }

    /// <summary>What its callers have left is done when a second brings no new version.</summary>
    private static async Task<long> UntilQuietAsync(Deployment deployment)
    {
        var (before, now) = (-1L, 0L);
        while (before != now)
        {
            before = now;
            await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System);
            now = await VersionsAsync(deployment);
        }

        return now;
    }

    private static async Task<long> VersionsAsync(Deployment deployment)
    {
        var secrets = await Task.WhenAll(deployment.Accounts.Select(account => deployment.Api(0).GetAsync($"{account.Path}/secret")));
        return secrets.Sum(answer => long.Parse(answer["version"] ?? "0"));
    }

    private static async Task CallAsync(Ward ward, Deployment deployment, List<Account> accounts, int number, Ledger ledger, TimeSpan patience)
    {
        var caller = new Caller(deployment, number, ledger, ward.Seeded);
        for (var call = 0; call < ward.Options.HangUpsPerCaller; call++)
        {
            var account = accounts[((call * Storm.CallersPerDatabase) + number) % accounts.Count];
            await caller.ResetAsync(account, mayLogIn: false, patience);
            ward.Findings.HappenedOnce();
        }
    }
}
