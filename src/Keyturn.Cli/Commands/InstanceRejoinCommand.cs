using System.CommandLine;
using System.Text.Json.Nodes;
using Keyturn.Cli.Api;
using Keyturn.Cli.Output;

namespace Keyturn.Cli.Commands;

/// <summary><c>keyturn instance rejoin</c></summary>
internal static class InstanceRejoinCommand
{
    public static Command Create(ClientOptions client)
    {
        var instance = InstanceArgument.Create();
        var node = new Argument<string>("HOST:PORT") { Description = "Address of the node, as it is registered" };
        var command = new Command("rejoin", "Say that a node was replaced at its address: it gets the accounts' present passwords like one that was added") { instance, node };
        client.SetAction(command, async (parse, session, cancel) =>
        {
            var request = new ApiRequest(HttpMethod.Post, ApiPath.Of("instances", parse.GetRequiredValue(instance), "rejoin"), "Writing it down")
            {
                Body = new JsonObject { ["address"] = parse.GetRequiredValue(node) },
            };
            var answer = await session.SendAsync(request, cancel);
            var code = session.Write(answer, session.Terminal.WriteInstance);
            return answer.IsSuccess ? ExitCode.Done : code;
        });
        return command;
    }
}
