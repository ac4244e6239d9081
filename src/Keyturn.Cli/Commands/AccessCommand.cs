using System.CommandLine;
using Keyturn.Cli.Api;
using Keyturn.Cli.Output;

namespace Keyturn.Cli.Commands;

/// <summary><c>keyturn access …</c></summary>
internal static class AccessCommand
{
    public static Command Create(ClientOptions client) => client.AddTo(new Command("access", "Who may do what: access policies, groups of principals, and what decides")
    {
        AccessPolicyCommand.Create(client),
        AccessGroupCommand.Create(client),
        CreateExplain(client),
    });

    private static Command CreateExplain(ClientOptions client)
    {
        var principal = new Option<string>("--principal") { Description = "Name of the principal", Required = true };
        var action = new Option<string>("--action") { Description = "keyturn:account:reset, or a provider's name: ddm:instance:updateUser, database:update", Required = true };
        var resource = new Option<string?>("--resource") { Description = "The instance: its name, its id, or its URN" };
        var source = new Option<string?>("--source") { Description = "As if it came from this IP address" };
        var time = new Option<DateTimeOffset?>("--time") { Description = "As if it were this time (ISO 8601)" };
        var command = new Command("explain", "Say whether a principal may do something, and which statement decides; nothing is done") { principal, action, resource, source, time };
        client.SetAction(command, (parse, session, cancel) =>
        {
            var request = new ApiRequest(HttpMethod.Post, ApiPath.Of("access", "explain"), "Asking what decides")
            {
                Body = new() { ["principal"] = parse.GetRequiredValue(principal), ["action"] = parse.GetRequiredValue(action) },
            };
            request.Body.AddIfGiven("instance", PathOf(parse.GetValue(resource)));
            request.Body.AddIfGiven("source", parse.GetValue(source));
            request.Body.AddIfGiven("time", parse.GetValue(time)?.ToString("O"));
            return session.RunAsync(request, session.Terminal.WriteDecision, cancel);
        });
        return command;
    }

    /// <summary>The path of a URN (service:region:account:type:path); else the text itself.</summary>
    private static string? PathOf(string? resource) => resource?.Split(':', 5) is [_, _, _, _, var path] ? path : resource;
}
