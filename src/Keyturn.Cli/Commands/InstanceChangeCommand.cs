using System.CommandLine;
using Keyturn.Cli.Api;
using Keyturn.Cli.Output;

namespace Keyturn.Cli.Commands;

/// <summary><c>keyturn instance change</c></summary>
internal static class InstanceChangeCommand
{
    public static Command Create(ClientOptions client)
    {
        var instance = InstanceArgument.Create();
        var name = new Option<string?>("--name") { Description = "Call it otherwise" };
        var options = new InstanceOptions(allNeeded: false);
        var command = new Command("change", "Change a registration; what is not named stays as it is, and nothing changes on the server") { instance, name };
        options.AddTo(command);
        client.SetAction(command, async (parse, session, cancel) =>
        {
            var body = await options.ReadAsync(parse, session.Terminal, cancel);
            body.AddIfGiven("name", parse.GetValue(name));
            if (body.Count == 0)
            {
                throw CommandFailure.Usage("nothing to change: name something, see keyturn instance change --help.");
            }

            var path = ApiPath.Of("instances", parse.GetRequiredValue(instance));
            return await session.RunAsync(new ApiRequest(HttpMethod.Patch, path, "Connecting to the server") { Body = body }, session.Terminal.WriteRegistration, cancel);
        });
        return command;
    }
}
