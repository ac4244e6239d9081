using System.CommandLine;
using System.Net;
using System.Text.Json;
using Keyturn.Cli.Api;
using Keyturn.Cli.Output;

namespace Keyturn.Cli.Commands;

/// <summary><c>keyturn instance inspect</c></summary>
internal static class InstanceInspectCommand
{
    public static Command Create(ClientOptions client)
    {
        var instance = InstanceArgument.Create();
        var command = new Command("inspect", "Ask each node what it is, whether the admin login works, and which grants it lacks; changes nothing") { instance };
        client.SetAction(command, async (parse, session, cancel) =>
        {
            var path = ApiPath.Of("instances", parse.GetRequiredValue(instance), "inspect");
            var answer = await session.SendAsync(new ApiRequest(HttpMethod.Get, path, "Asking the nodes"), cancel);
            var code = session.Write(answer, body => Show(session.Terminal, body));
            return answer.IsSuccess ? ExitCodeOf(answer.Body) : code;
        });
        return command;
    }

    private static void Show(Terminal terminal, JsonElement body)
    {
        var isFirst = true;
        foreach (var node in body.Items("nodes"))
        {
            if (!isFirst)
            {
                terminal.Out.WriteLine();
            }

            isFirst = false;
            ShowNode(terminal, node, node.Member("error") ?? default);
        }

        foreach (var problem in body.Items("join_problems"))
        {
            terminal.Error.WriteLine($"keyturn: nodes cannot join yet: {Printable.Of(problem.GetString() ?? "")}");
        }
    }

    private static void ShowNode(Terminal terminal, JsonElement node, JsonElement error)
    {
        terminal.WriteList(
            ("node", node.Text("address")),
            ("usable", node.Text("ok")),
            ("joining", node.Text("joining")),
            ("product", $"{node.Text("product")} {node.Text("version")}".Trim()),
            ("identity", node.Text("identity")),
            ("tls", node.Text("tls")),
            ("read-only", node.Text("read_only")),
            ("pooler", node.Text("pooler")),
            ("remarks", node.Text("remarks")),
            ("cause", error.Text("cause")),
            ("detail", error.Text("detail")),
            ("next step", error.Text("next_step")));
        terminal.WriteMissingGrants(node);
    }

    /// <summary>That of the node that is worst off.</summary>
    private static ExitCode ExitCodeOf(JsonElement body) => body.Items("nodes")
        .Select(node => node.Member("error") is { } error ? new Problem(HttpStatusCode.FailedDependency, error).ExitCode : ExitCode.Done)
        .DefaultIfEmpty(ExitCode.Done)
        .Max();
}
