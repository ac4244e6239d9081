using System.Text.Json;
using System.Text.Json.Nodes;

namespace Keyturn.Cli.Fleet;

/// <summary>What is to be done about an instance or an account, so that it is as the file says.</summary>
internal enum PlanAction
{
    Unchanged,
    Change,

    /// <summary>The instance is registered.</summary>
    Register,

    /// <summary>The account is taken into the store, without a password.</summary>
    Import,
}

/// <summary>What is to be done about an account.</summary>
internal sealed record AccountPlan(DeclaredAccount Declared, PlanAction Action, IReadOnlyList<Difference> Differences);

/// <summary>What is to be done about an instance, and about its accounts.</summary>
internal sealed record InstancePlan(DeclaredInstance Declared, PlanAction Action, IReadOnlyList<Difference> Differences, IReadOnlyList<AccountPlan> Accounts)
{
    /// <summary>What is sent: all of it to register it, only what differs to change it.</summary>
    public required JsonObject Body { get; init; }

    /// <summary>What the registration will be, for the server to look at.</summary>
    public required JsonObject Whole { get; init; }

    public bool IsUnchanged => Action == PlanAction.Unchanged && Accounts.All(account => account.Action == PlanAction.Unchanged);

    /// <summary>Another admin login, or a first one, is proved by its password.</summary>
    public bool NeedsAdminPassword => Action == PlanAction.Register || Body["admin"] is not null;
}

/// <summary>Finds out what is to be done.</summary>
internal static class Planner
{
    public static IReadOnlyList<InstancePlan> Make(IReadOnlyList<DeclaredInstance> declared, Registered registered) =>
        [.. declared.Select(instance => Make(instance, registered))];

    private static InstancePlan Make(DeclaredInstance declared, Registered registered)
    {
        var held = registered.AccountsOf(declared.Name).ToDictionary(Registered.KeyOf);
        var accounts = declared.Accounts.Select(account => held.TryGetValue(account.Key, out var present)
            ? Changed(account, present.GetProperty("proof").GetString()!, EveryDaysOf(present))
            : new AccountPlan(account, PlanAction.Import, Changed(account, "login", everyDays: 0).Differences)).ToList();
        return registered.Find(declared.Name) is { } present ? Changed(declared, Comparison.Of(declared, present), JsonObject.Create(present)!, accounts) : New(declared, accounts);
    }

    private static InstancePlan New(DeclaredInstance declared, List<AccountPlan> accounts)
    {
        var body = declared.Body.DeepClone().AsObject();
        body["name"] = declared.Name;
        body["discover"] = declared.IsDiscovered;
        return new InstancePlan(declared, PlanAction.Register, [], accounts) { Body = body, Whole = body };
    }

    private static InstancePlan Changed(DeclaredInstance declared, Comparison comparison, JsonObject present, List<AccountPlan> accounts)
    {
        var whole = present.DeepClone().AsObject();
        Merge(whole, comparison.Patch);
        if (whole["tls"] is JsonObject tls && !tls.ContainsKey("client_key"))
        {
            // The key that goes with it is not shown; that they are a pair was seen when they were registered.
            tls.Remove("client_certificate");
        }

        var action = comparison.Patch.Count == 0 ? PlanAction.Unchanged : PlanAction.Change;
        return new InstancePlan(declared, action, comparison.Differences, accounts) { Body = comparison.Patch, Whole = whole };
    }

    private static AccountPlan Changed(DeclaredAccount declared, string proof, int everyDays)
    {
        var differences = new List<Difference>();
        if (declared.Proof is { } wanted && wanted != proof)
        {
            differences.Add(new Difference("proof", proof, wanted));
        }

        if (declared.EveryDays is { } days && days != everyDays)
        {
            differences.Add(new Difference("every", Every(everyDays), Every(days)));
        }

        return new AccountPlan(declared, differences.Count == 0 ? PlanAction.Unchanged : PlanAction.Change, differences);
    }

    public static string Every(int days) => days == 0 ? "off" : $"{days}d";

    public static int EveryDaysOf(JsonElement account) =>
        account.TryGetProperty("schedule", out var schedule) && schedule.TryGetProperty("every_days", out var days) ? days.GetInt32() : 0;

    /// <summary>As the server will (RFC 7396).</summary>
    private static void Merge(JsonObject target, JsonObject patch)
    {
        foreach (var (name, value) in patch)
        {
            if (value is JsonObject inner && target[name] is JsonObject outer)
            {
                Merge(outer, inner);
            }
            else if (value is null)
            {
                target.Remove(name);
            }
            else
            {
                target[name] = value.DeepClone();
            }
        }
    }
}
