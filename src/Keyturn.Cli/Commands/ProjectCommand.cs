using System.CommandLine;
using Keyturn.Cli.Api;
using Keyturn.Cli.Output;

namespace Keyturn.Cli.Commands;

/// <summary><c>keyturn project …</c></summary>
internal static class ProjectCommand
{
    public static Command Create(ClientOptions client) => client.AddTo(new Command("project", "The project that you work in: the account and the region that clients of Huawei's clouds name")
    {
        CreateShow(client),
        CreateChange(client),
    });

    private static Command CreateShow(ClientOptions client)
    {
        var command = new Command("show", "Show the project");
        client.SetAction(command, (_, session, cancel) => session.RunAsync(
            new ApiRequest(HttpMethod.Get, ApiPath.Of("project"), "Asking for the project"), session.Terminal.WriteProject, cancel));
        return command;
    }

    private static Command CreateChange(ClientOptions client)
    {
        var name = new Option<string?>("--name") { Description = "Call it otherwise" };
        var region = new Option<string?>("--region") { Description = "The region of instances that name none" };
        var command = new Command("change", "Change the project, as an owner of it; what is not named stays as it is") { name, region };
        client.SetAction(command, (parse, session, cancel) =>
        {
            var request = new ApiRequest(HttpMethod.Patch, ApiPath.Of("project"), "Asking the server") { Body = [] };
            request.Body.AddIfGiven("name", parse.GetValue(name));
            request.Body.AddIfGiven("region", parse.GetValue(region));
            return request.Body.Count > 0
                ? session.RunAsync(request, session.Terminal.WriteProject, cancel)
                : throw CommandFailure.Usage("nothing to change: name something, see keyturn project change --help.");
        });
        return command;
    }
}
