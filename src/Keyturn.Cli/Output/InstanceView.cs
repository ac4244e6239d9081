using System.Text.Json;

namespace Keyturn.Cli.Output;

/// <summary>Instances, for people.</summary>
internal static class InstanceView
{
    /// <summary>The instance, and beside it what is not as it should be.</summary>
    public static void WriteRegistration(this Terminal terminal, JsonElement instance)
    {
        terminal.WriteInstance(instance);
        foreach (var warning in instance.Items("warnings"))
        {
            terminal.Error.WriteLine($"keyturn: warning: {Printable.Of(warning.GetString() ?? "")}");
        }
    }

    public static void WriteInstance(this Terminal terminal, JsonElement instance) => terminal.WriteList(
        ("instance", instance.Text("name")),
        ("id", instance.Text("id")),
        ("engine", $"{instance.Text("engine")} {instance.Text("server_version")}"),
        ("nodes", NodesOf(instance)),
        ("tls", instance.Member("tls")?.Text("mode") ?? ""),
        ("admin", instance.Member("admin")?.Text("user") ?? ""),
        ("main account", instance.Text("main_account")),
        ("send", instance.Text("send")),
        ("status", instance.Text("status")),
        ("tags", MembersOf(instance, "tags")),
        ("attributes", MembersOf(instance, "attributes")));

    public static void WriteInstances(this Terminal terminal, JsonElement body) => terminal.WriteTable(
        ["NAME", "ENGINE", "VERSION", "NODES", "STATUS", "ID"],
        body.Items("instances").Select(instance => new[]
        {
            instance.Text("name"), instance.Text("engine"), instance.Text("server_version"), NodesOf(instance), instance.Text("status"), instance.Text("id"),
        }));

    private static string NodesOf(JsonElement instance) => string.Join(", ", instance.Items("nodes").Select(node => $"{node.Text("host")}:{node.Text("port")}").Select(node => IsJoining(instance, node) ? $"{node} (joining)" : node));

    private static bool IsJoining(JsonElement instance, string node) => instance.Items("joining").Any(address => address.GetString() == node);

    private static string MembersOf(JsonElement instance, string name) =>
        instance.Member(name) is { ValueKind: JsonValueKind.Object } members ? string.Join(", ", members.EnumerateObject().Select(member => $"{member.Name}={member.Value}")) : "";
}
