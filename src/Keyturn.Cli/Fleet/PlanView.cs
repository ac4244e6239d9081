using System.Text.Json.Nodes;
using Keyturn.Cli.Output;

namespace Keyturn.Cli.Fleet;

/// <summary>A plan, for people and as JSON.</summary>
internal static class PlanView
{
    public static void WritePlan(this Terminal terminal, IReadOnlyList<InstancePlan> plans)
    {
        foreach (var plan in plans)
        {
            terminal.Out.WriteLine(LineOf(plan));
            WriteDifferences(terminal, plan.Differences, "    ");
            foreach (var account in plan.Accounts.Where(account => account.Action != PlanAction.Unchanged))
            {
                terminal.Out.WriteLine(Printable.Of($"    {SignOf(account.Action)} account {account.Declared.Key}: {WordOf(account.Action)}"));
                WriteDifferences(terminal, account.Differences, "        ");
            }
        }

        terminal.Out.WriteLine(Summary(plans));
    }

    public static JsonObject Json(InstancePlan plan) => new()
    {
        ["name"] = plan.Declared.Name,
        ["action"] = WordOf(plan.Action),
        ["differences"] = Json(plan.Differences),
        ["accounts"] = new JsonArray([.. plan.Accounts.Select(account => new JsonObject
        {
            ["name"] = account.Declared.Key.ToString(),
            ["action"] = WordOf(account.Action),
            ["differences"] = Json(account.Differences),
        })]),
    };

    public static string WordOf(PlanAction action) => action.ToString().ToLowerInvariant();

    private static JsonArray Json(IReadOnlyList<Difference> differences) => new([.. differences.Select(difference => new JsonObject
    {
        ["member"] = difference.Member,
        ["old"] = difference.Old,
        ["new"] = difference.New,
    })]);

    private static string LineOf(InstancePlan plan) => Printable.Of(
        $"{SignOf(plan.Action)} {plan.Declared.Name}: {(plan.Action == PlanAction.Register ? $"register, {plan.Declared.Body["engine"]} at {string.Join(", ", plan.Declared.Body["nodes"]!.AsArray().Select(node => $"{node!["host"]}:{node["port"]}"))}" : WordOf(plan.Action))}");

    private static string Summary(IReadOnlyList<InstancePlan> plans)
    {
        var accounts = plans.SelectMany(plan => plan.Accounts).ToList();
        return $"instances: {plans.Count(plan => plan.Action == PlanAction.Register)} to register, {plans.Count(plan => plan.Action == PlanAction.Change)} to change, {plans.Count(plan => plan.Action == PlanAction.Unchanged)} unchanged; "
            + $"accounts: {accounts.Count(account => account.Action == PlanAction.Import)} to import, {accounts.Count(account => account.Action == PlanAction.Change)} to change, {accounts.Count(account => account.Action == PlanAction.Unchanged)} unchanged";
    }

    private static string SignOf(PlanAction action) => action switch
    {
        PlanAction.Register or PlanAction.Import => "+",
        PlanAction.Change => "~",
        _ => " ",
    };

    private static void WriteDifferences(Terminal terminal, IReadOnlyList<Difference> differences, string indent)
    {
        foreach (var difference in differences)
        {
            terminal.Out.WriteLine(Printable.Of($"{indent}{difference.Member}: {difference.Old} -> {difference.New}"));
        }
    }
}
