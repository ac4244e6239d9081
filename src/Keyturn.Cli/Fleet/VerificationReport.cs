using System.Text.Json.Nodes;
using Keyturn.Cli.Output;

namespace Keyturn.Cli.Fleet;

/// <summary>What verify found of many accounts.</summary>
/// <param name="Verdicts">Of those that were asked for.</param>
/// <param name="Asked">How many were to be asked for; more than there are verdicts when it was cut short.</param>
internal sealed record VerificationReport(IReadOnlyList<AccountVerdict> Verdicts, int Asked)
{
    public ExitCode ExitCode => this switch
    {
        _ when Count(AccountVerdict.Drifted) > 0 => ExitCode.Refused,
        _ when Count(AccountVerdict.Verified) < Asked => ExitCode.Undecided,
        _ => ExitCode.Done,
    };

    public JsonObject Json() => new()
    {
        ["accounts"] = new JsonArray([.. Ordered().Select(verdict => new JsonObject
        {
            ["instance"] = verdict.Account.Instance,
            ["name"] = verdict.Account.Name,
            ["user"] = verdict.Account.User,
            ["host"] = verdict.Account.Host,
            ["auth_database"] = verdict.Account.AuthDatabase,
            ["verdict"] = verdict.Verdict,
            ["reason"] = verdict.Reason.Length > 0 ? verdict.Reason : null,
        })]),
        ["verified"] = Count(AccountVerdict.Verified),
        ["drifted"] = Count(AccountVerdict.Drifted),
        ["no_verdict"] = Count(AccountVerdict.None),
        ["not_asked"] = Asked - Verdicts.Count,
    };

    public void Write(Terminal terminal)
    {
        terminal.WriteTable(
            ["INSTANCE", "VERIFIED", "DRIFTED", "NO VERDICT"],
            Ordered().GroupBy(verdict => verdict.Account.Instance).Select(group => new[] { group.Key, Count(group, AccountVerdict.Verified), Count(group, AccountVerdict.Drifted), Count(group, AccountVerdict.None) }));
        var others = Ordered().Where(verdict => verdict.Reason.Length > 0).OrderBy(verdict => verdict.Verdict, StringComparer.Ordinal).ToList();
        if (others.Count > 0)
        {
            terminal.Out.WriteLine();
            terminal.WriteTable(
                ["INSTANCE", "ACCOUNT", "VERDICT", "REASON"],
                others.Select(verdict => new[] { verdict.Account.Instance, verdict.Account.Name, verdict.Verdict, verdict.Reason }));
        }

        terminal.Out.WriteLine();
        terminal.Out.WriteLine(Summary());
        if (Count(AccountVerdict.Drifted) > 0)
        {
            terminal.Out.WriteLine("drifted: somebody changed the password behind Keyturn's back. Adopt the present one (keyturn account adopt), or set a new one (keyturn account reset).");
        }
    }

    private string Summary()
    {
        var missing = Asked > Verdicts.Count ? $", {Asked - Verdicts.Count} not asked for" : "";
        return $"{Asked} accounts: {Count(AccountVerdict.Verified)} verified, {Count(AccountVerdict.Drifted)} drifted, {Count(AccountVerdict.None)} without a verdict{missing}";
    }

    private IEnumerable<AccountVerdict> Ordered() =>
        Verdicts.OrderBy(verdict => verdict.Account.Instance, StringComparer.Ordinal).ThenBy(verdict => verdict.Account.Name, StringComparer.Ordinal);

    private int Count(string verdict) => Verdicts.Count(found => found.Verdict == verdict);

    private static string Count(IEnumerable<AccountVerdict> verdicts, string verdict) => $"{verdicts.Count(found => found.Verdict == verdict)}";
}
