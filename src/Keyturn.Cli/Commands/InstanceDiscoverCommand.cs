using System.CommandLine;
using System.Text.Json;
using Keyturn.Cli.Api;
using Keyturn.Cli.Output;

namespace Keyturn.Cli.Commands;

/// <summary><c>keyturn instance discover</c></summary>
internal static class InstanceDiscoverCommand
{
    public static Command Create(ClientOptions client)
    {
        var instance = InstanceArgument.Create();
        var add = new Option<bool>("--add") { Description = "Take the nodes into the registration that were found and take the admin login" };
        var command = new Command("discover", "Ask the servers which nodes there are besides those registered; changes nothing without --add") { instance, add };
        client.SetAction(command, async (parse, session, cancel) =>
        {
            var path = ApiPath.Of("instances", parse.GetRequiredValue(instance), "discover");
            return parse.GetValue(add)
                ? await session.RunAsync(new ApiRequest(HttpMethod.Post, path, "Asking the nodes"), session.Terminal.WriteRegistration, cancel)
                : await session.RunAsync(new ApiRequest(HttpMethod.Get, path, "Asking the nodes"), body => Show(session.Terminal, body), cancel);
        });
        return command;
    }

    private static void Show(Terminal terminal, JsonElement body)
    {
        terminal.WriteTable(
            ["NODE", "ROLE", "STATE", "TOLD BY", "PROBLEM"],
            body.Items("nodes").Select(node => new[]
            {
                node.Text("address"), node.Text("role"), StateOf(node), string.Join(", ", node.Items("told_by").Select(teller => teller.GetString())),
                node.Member("error") is { } error ? $"{error.Text("cause")}: {error.Text("detail")}" : "",
            }));
        foreach (var hint in body.Items("hints"))
        {
            terminal.Error.WriteLine($"keyturn: {Printable.Of(hint.GetString() ?? "")}");
        }
    }

    private static string StateOf(JsonElement node) => (node.Text("registered"), node.Text("usable")) switch
    {
        ("yes", _) => "registered",
        (_, "yes") => "new",
        _ => "new, not usable",
    };
}
