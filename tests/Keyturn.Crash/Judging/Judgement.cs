using System.Text.Json.Nodes;
using Keyturn.Crash.Nodes;
using Keyturn.Crash.Reports;
using Keyturn.Crash.Storms;
using Keyturn.Engines;

namespace Keyturn.Crash.Judging;

/// <summary>
/// Holds what callers were told against what is so when every reset has ended: told done, it is that password or a later reset's; told
/// unchanged, it never comes; told undecided, it has an end; and no password has changed that nobody asked for.
/// </summary>
internal sealed class Judgement(Deployment deployment, Findings findings)
{
    /// <summary>As many as the API lists: a window of more resets of one account is judged by these.</summary>
    private const int Listed = 200;
    private const int AtOnce = 48;
    private readonly Comparison _comparison = new(deployment, findings);

    /// <summary>Judges the calls. The next ledger's begin where these have ended; with <paramref name="again"/> these are to be judged once more, later.</summary>
    public async Task RunAsync(Ledger ledger, bool again = false)
    {
        var byAccount = ledger.ByAccount();
        var judged = await Task.WhenAll(byAccount.Chunk((byAccount.Count / AtOnce) + 1).Select(JudgeAllAsync));
        if (again)
        {
            return;
        }

        findings.Count(ledger.Calls);
        foreach (var (account, version) in judged.SelectMany(some => some))
        {
            deployment.Judged[account] = version;
        }
    }

    private async Task<List<(Account Account, int Version)>> JudgeAllAsync(IGrouping<Account, Call>[] accounts)
    {
        var judged = new List<(Account, int)>();
        foreach (var calls in accounts)
        {
            if (await _comparison.ServedAsync(calls.Key) is { } served)
            {
                JudgeServed(calls.Key, [.. calls], served);
                await JudgeUnchangedAsync(calls.Key, [.. calls], served);
                judged.Add((calls.Key, await JudgeResetsAsync(calls.Key, [.. calls], served)));
            }
        }

        return judged;
    }

    private void JudgeServed(Account account, List<Call> calls, Served served)
    {
        var done = calls.Where(call => call.Told == Told.Done).ToList();
        if (done.MaxBy(call => call.Version) is { } last)
        {
            if (last.Version > served.Version)
            {
                findings.IsLost($"{account}: version {last.Version} was told done, and Keyturn serves version {served.Version}");
            }
            else if (last.Version == served.Version && last.Password is { } told && told != served.Password)
            {
                findings.Lie($"{account}: version {last.Version} was told with another password than is served");
            }
        }

        foreach (var call in done.Where(call => call.Given is { } given && call.Password is { } told && told != given))
        {
            findings.Lie($"{account}: reset {call.ResetId} answered another password than its caller gave");
        }

        // Who asks after an answer has come is served after it.
        foreach (var (earlier, later) in Pairs(done).Where(pair => pair.Later.ResetId != pair.Earlier.ResetId && pair.Later.Version <= pair.Earlier.Version))
        {
            findings.Lie($"{account}: version {later.Version} was asked for after {earlier.Version} was told");
        }
    }

    /// <summary>Each answer with the next that was asked for after it had come.</summary>
    private static IEnumerable<(Call Earlier, Call Later)> Pairs(List<Call> done) =>
        from earlier in done
        let later = done.Where(call => call.Sent > earlier.Ended).MinBy(call => call.Version)
        where later is not null
        select (earlier, later);

    private async Task JudgeUnchangedAsync(Account account, List<Call> calls, Served served)
    {
        // The server is asked about each of them: what Keyturn serves may itself be wrong.
        foreach (var call in calls.Where(call => call is { Told: Told.Unchanged, Given: not null }))
        {
            if (call.Given == served.Password || await account.Database.LoginAsync(account.User, call.Given!) == Login.Accepted)
            {
                findings.Lie($"{account}: told {call.Status} {call.Problem}, unchanged, and its password is in force");
            }
        }
    }

    /// <summary>Returns the last version that any reset made, or tried to.</summary>
    private async Task<int> JudgeResetsAsync(Account account, List<Call> calls, Served served)
    {
        var answer = await deployment.Api(0).GetAsync($"/api/v1/resets?instance={account.Instance}&account={account.User}&limit={Listed}");
        var before = deployment.Judged.GetValueOrDefault(account, 1);
        var resets = (answer.Body["resets"] as JsonArray ?? []).Select(reset => new Stored(reset!)).ToList();
        foreach (var reset in resets.Where(reset => reset.State is not ("done" or "failed")))
        {
            findings.Fault($"{account}: reset {reset.Id} is {reset.State} ({reset.Cause})");
        }

        var known = resets.ToDictionary(reset => reset.Id);
        foreach (var call in calls.Where(call => call.ResetId is not null))
        {
            JudgeReset(account, call, known, isWholeList: resets.Count < Listed);
        }

        // A reset of which nobody was told belongs to a caller who got no answer. More of them than such callers: something was done unasked, or twice.
        var told = calls.Where(call => call.Told is Told.Done or Told.Undecided || IsFailed(call)).Select(call => call.ResetId).ToHashSet();
        var untold = resets.Where(reset => reset.Version > before && !told.Contains(reset.Id)).ToList();
        var unanswered = calls.Count(call => call.Told == Told.Nothing);
        if (untold.Count > unanswered)
        {
            findings.Lie($"{account}: {untold.Count} resets were told to nobody ({string.Join(", ", untold.Select(reset => $"{reset.Id} {reset.State}"))}), and {unanswered} calls had no answer");
        }

        if (served.Version > before && !known.Values.Any(reset => reset.Version == served.Version && reset.State == "done"))
        {
            findings.IsLost($"{account}: version {served.Version} is served, and no reset made it");
        }

        return resets.Select(reset => reset.Version).Append(served.Version).Max();
    }

    private void JudgeReset(Account account, Call call, Dictionary<string, Stored> known, bool isWholeList)
    {
        if (!known.TryGetValue(call.ResetId!, out var reset))
        {
            // "Undecided" may also be said of an intent that the store did not answer for; where it never got it, nothing was sent.
            if (isWholeList && call.Told == Told.Done)
            {
                findings.IsLost($"{account}: reset {call.ResetId} was told, and Keyturn does not know it");
            }

            return;
        }

        if (call.Told == Told.Done && reset.State != "done")
        {
            findings.Lie($"{account}: reset {call.ResetId} was told done and is {reset.State}");
        }

        if (IsFailed(call) && reset.State != "failed")
        {
            findings.Lie($"{account}: reset {call.ResetId} was told failed, unchanged, and is {reset.State}");
        }
    }

    /// <summary>A refusal that names the caller's own reset; "busy" names somebody else's.</summary>
    private static bool IsFailed(Call call) => call.Status == 424 && call.ResetId is not null;

    private sealed record Stored(string Id, string State, int Version, string? Cause)
    {
        public Stored(JsonNode reset)
            : this(reset["id"]!.ToString(), reset["state"]!.ToString(), (int)reset["version"]!, reset["cause"]?.ToString())
        {
        }
    }
}
