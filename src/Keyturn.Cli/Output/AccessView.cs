using System.Text.Json;

namespace Keyturn.Cli.Output;

/// <summary>Access policies, groups and decisions, for people.</summary>
internal static class AccessView
{
    public static void WritePolicy(this Terminal terminal, JsonElement policy)
    {
        terminal.WriteList(("policy", policy.Text("name")), ("principals", policy.Text("principals")), ("groups", policy.Text("groups")), ("created", policy.Text("created_at")));
        if (policy.Member("document") is { } document)
        {
            foreach (var line in JsonText.Of(document, showPasswords: true).Split('\n'))
            {
                terminal.Out.WriteLine(Printable.Of(line));
            }
        }

        foreach (var remark in policy.Items("remarks"))
        {
            terminal.Error.WriteLine($"keyturn: {Printable.Of(remark.ToString())}");
        }
    }

    public static void WritePolicies(this Terminal terminal, JsonElement body) => terminal.WriteTable(body.Items("policies"), "name", "principals", "groups", "created_at");

    public static void WriteGroup(this Terminal terminal, JsonElement group) =>
        terminal.WriteList(("group", group.Text("name")), ("members", group.Text("members")), ("created", group.Text("created_at")));

    public static void WriteGroups(this Terminal terminal, JsonElement body) => terminal.WriteTable(body.Items("groups"), "name", "members", "created_at");

    /// <summary>One after the other, where a provider's name stands for several actions.</summary>
    public static void WriteDecision(this Terminal terminal, JsonElement decision)
    {
        terminal.WriteList(
            ("allowed", decision.Text("allowed")),
            ("action", decision.Text("action")),
            ("as", decision.Text("provider_action")),
            ("policy", decision.Text("policy")),
            ("statement", decision.Text("statement")),
            ("because", decision.Text("reason")));
        foreach (var other in decision.Items("also"))
        {
            terminal.Out.WriteLine();
            terminal.WriteDecision(other);
        }
    }
}
