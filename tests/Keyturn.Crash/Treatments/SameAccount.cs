using Keyturn.Crash.Nodes;
using Keyturn.Crash.Storms;

namespace Keyturn.Crash.Treatments;

/// <summary>Several callers ask for a reset of the same account at the same moment. They have their turns, and the last one's password stays.</summary>
internal static class SameAccount
{
    private const int AccountsAtOnce = 8;

    public static Task ByTwoAsync(Ward ward) => RunAsync(ward, callers: 2);

    public static Task ByFourAsync(Ward ward) => RunAsync(ward, callers: 4);

    private static async Task RunAsync(Ward ward, int callers)
    {
        var deployment = await ward.Campaign.MainAsync();
        var ledger = new Ledger();
        await Task.WhenAll(deployment.Accounts.GroupBy(account => account.Database).Select(database => Parallel.ForEachAsync(
            database.Take(ward.Options.OwnAccounts),
            new ParallelOptions { MaxDegreeOfParallelism = AccountsAtOnce },
            async (account, _) => await AskAsync(ward, deployment, account, callers, ledger))));
        await ward.CompareAsync(deployment);
        await ward.Judgement(deployment).RunAsync(ledger);
        if (ward.Findings.Unchanged > 0)
        {
            ward.Findings.Note($"{ward.Findings.Unchanged} were told to come back");
        }
    }

    private static async Task AskAsync(Ward ward, Deployment deployment, Account account, int callers, Ledger ledger)
    {
        await Task.WhenAll(Enumerable.Range(0, callers).Select(number => new Caller(deployment, number, ledger, ward.Seeded).ResetAsync(account, mayLogIn: false)));
        ward.Findings.HappenedOnce();
    }
}
