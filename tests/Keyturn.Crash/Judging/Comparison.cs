using System.Net;
using Keyturn.Crash.Nodes;
using Keyturn.Crash.Reports;
using Keyturn.Engines;

namespace Keyturn.Crash.Judging;

/// <summary>What Keyturn serves of an account.</summary>
/// <param name="Version">The secret's version.</param>
/// <param name="Password">The password.</param>
internal sealed record Served(int Version, string Password);

/// <summary>Every account: what Keyturn serves against what the server accepts.</summary>
internal sealed class Comparison(Deployment deployment, Findings findings)
{
    private const int AtOnce = 96;
    private const int LoginTries = 20;
    private static readonly TimeSpan BetweenTries = TimeSpan.FromMilliseconds(100);

    private enum Verdict
    {
        Right,
        Wrong,
        Open,
        Lost,
        Unknown,
    }

    /// <summary>
    /// Asks for all accounts at once. Those with an open reset are not served, which is right, and asked again until they are:
    /// within <paramref name="limit"/> of now.
    /// </summary>
    /// <param name="accounts">Which.</param>
    /// <param name="limit">For resets that are open.</param>
    /// <param name="inMotion">
    /// Whether resets of callers who have left may still begin: then a password is wrong if it is served before the login and after it.
    /// </param>
    public async Task RunAsync(IReadOnlyList<Account> accounts, TimeSpan limit, bool inMotion = false)
    {
        var started = TimeProvider.System.GetTimestamp();
        await Parallel.ForEachAsync(accounts, new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (account, _) =>
        {
            findings.WasCompared();
            var (verdict, detail) = await LookAsync(account, inMotion);
            if (verdict == Verdict.Wrong)
            {
                findings.IsWrongAtOnce($"{account}: {detail}");
            }

            if (verdict == Verdict.Open)
            {
                findings.WasOpen();
                (verdict, detail) = await UntilServedAsync(account, inMotion, started, limit);
                findings.WasOpenFor(TimeProvider.System.GetElapsedTime(started));
            }

            Note(account, verdict, detail);
        });
    }

    /// <summary>Looks once, while resets go on: whatever is served has to be right, and what is not served yet is left for later.</summary>
    public Task GlanceAsync(IReadOnlyList<Account> accounts) => Parallel.ForEachAsync(accounts, new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (account, _) =>
    {
        findings.WasCompared();
        var (verdict, detail) = await LookAsync(account, inMotion: true);
        if (verdict == Verdict.Wrong)
        {
            findings.IsWrongAtOnce($"{account}: {detail}");
        }
        else if (verdict == Verdict.Open)
        {
            findings.WasOpen();
        }
        else
        {
            Note(account, verdict, detail);
        }
    });

    /// <summary>What is served of an account whose resets have all ended; null, and a fault, where there is nothing.</summary>
    public async Task<Served?> ServedAsync(Account account)
    {
        var answer = await deployment.Api(0).GetAsync($"{account.Path}/secret");
        if (answer.Status == HttpStatusCode.OK)
        {
            return new Served((int)answer.Body["version"]!, answer["password"]!);
        }

        // An open reset is none of this: it has been found to come to no end.
        if (answer.Status != HttpStatusCode.Conflict)
        {
            findings.IsLost($"{account}: nothing is served, {(int)answer.Status} {answer["title"]}");
        }

        return null;
    }

    private void Note(Account account, Verdict verdict, string detail)
    {
        switch (verdict)
        {
            case Verdict.Wrong:
                findings.IsWrong($"{account}: {detail}");
                break;
            case Verdict.Lost:
                findings.IsLost($"{account}: {detail}");
                break;
            case Verdict.Open:
                findings.Fault($"{account}: its reset came to no end. {detail}");
                break;
            case Verdict.Unknown:
                findings.Fault($"{account}: could not be compared. {detail}");
                break;
            default:
                break;
        }
    }

    private async Task<(Verdict Verdict, string Detail)> UntilServedAsync(Account account, bool inMotion, long started, TimeSpan limit)
    {
        while (true)
        {
            var (verdict, detail) = await LookAsync(account, inMotion);
            if (verdict != Verdict.Open || TimeProvider.System.GetElapsedTime(started) > limit)
            {
                return (verdict, detail);
            }

            await Task.Delay(BetweenTries, TimeProvider.System);
        }
    }

    private async Task<(Verdict Verdict, string Detail)> LookAsync(Account account, bool inMotion)
    {
        var (verdict, detail, version) = await LookAsync(account);
        while (inMotion && verdict == Verdict.Wrong)
        {
            var before = version;
            (verdict, detail, version) = await LookAsync(account);
            if (version == before)
            {
                break;
            }
        }

        return (verdict, detail);
    }

    private async Task<(Verdict Verdict, string Detail, string? Version)> LookAsync(Account account)
    {
        var secret = await deployment.Api(0).GetAsync($"{account.Path}/secret");
        var (verdict, detail) = await JudgeAsync(account, secret);
        return (verdict, detail, secret["version"]);
    }

    private static async Task<(Verdict Verdict, string Detail)> JudgeAsync(Account account, ApiAnswer secret) => secret.Status switch
    {
        HttpStatusCode.OK => await LogInAsync(account, secret),
        HttpStatusCode.Conflict => (Verdict.Open, $"Reset {secret["reset_id"]} is open."),
        HttpStatusCode.NotFound => (Verdict.Lost, $"Keyturn holds no password of it: {secret["detail"]}"),
        _ => (Verdict.Unknown, $"Keyturn answered {(int)secret.Status} {secret["title"]}."),
    };

    private static async Task<(Verdict Verdict, string Detail)> LogInAsync(Account account, ApiAnswer secret)
    {
        Login login = default;
        for (var i = 0; i < LoginTries; i++)
        {
            login = await account.Database.LoginAsync(account.User, secret["password"]!);
            if (login is Login.Accepted or Login.WrongPassword)
            {
                break;
            }

            await Task.Delay(BetweenTries, TimeProvider.System);
        }

        return login switch
        {
            Login.Accepted => (Verdict.Right, ""),
            Login.WrongPassword => (Verdict.Wrong, $"the server refuses version {secret["version"]}, which Keyturn serves"),
            _ => (Verdict.Unknown, $"The login gave {login}."),
        };
    }
}
