using System.CommandLine;
using Keyturn.Cli.Api;
using Keyturn.Cli.Output;

namespace Keyturn.Cli.Commands;

/// <summary><c>keyturn instance add</c></summary>
internal static class InstanceAddCommand
{
    public static Command Create(ClientOptions client)
    {
        var name = new Argument<string>("NAME") { Description = "What to call it" };
        var engine = new Option<string>("--engine") { Description = "What kind of server it is", Required = true };
        engine.AcceptOnlyFromAmong("postgresql", "mysql", "mariadb", "redis", "valkey", "mongodb");
        var isClone = new Option<bool>("--clone") { Description = "It is a restored copy, and may say that it is a server that is registered already" };
        var discover = new Option<bool>("--discover") { Description = "Take the nodes too that the given ones tell of: replicas, the primary, all of a cluster" };
        var options = new InstanceOptions(allNeeded: true);
        var command = new Command("add", "Register an instance; proves that the admin login works, and changes nothing on the server") { name, engine, isClone, discover };
        options.AddTo(command);
        client.SetAction(command, async (parse, session, cancel) =>
        {
            var body = await options.ReadAsync(parse, session.Terminal, cancel);
            body["name"] = parse.GetRequiredValue(name);
            body["engine"] = parse.GetRequiredValue(engine);
            body["is_clone"] = parse.GetValue(isClone);
            body["discover"] = parse.GetValue(discover);
            var request = new ApiRequest(HttpMethod.Post, ApiPath.Of("instances"), "Connecting to the server") { Body = body };
            return await session.RunAsync(request, session.Terminal.WriteRegistration, cancel);
        });
        return command;
    }
}
