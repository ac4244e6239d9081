using System.CommandLine;
using Keyturn.Cli.Api;
using Keyturn.Cli.Output;

namespace Keyturn.Cli.Commands;

/// <summary><c>keyturn instance list</c></summary>
internal static class InstanceListCommand
{
    public static Command Create(ClientOptions client)
    {
        var command = new Command("list", "List the registered instances");
        client.SetAction(command, (_, session, cancel) => session.RunAsync(
            new ApiRequest(HttpMethod.Get, ApiPath.Of("instances"), "Asking for the instances"), session.Terminal.WriteInstances, cancel));
        return command;
    }
}
