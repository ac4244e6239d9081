using System.CommandLine;
using System.Text.Json.Nodes;
using Keyturn.Cli.Api;
using Keyturn.Cli.Output;

namespace Keyturn.Cli.Commands;

/// <summary><c>keyturn access policy …</c></summary>
internal static class AccessPolicyCommand
{
    public static Command Create(ClientOptions client) => new("policy", "Access policies: JSON statements that allow or deny actions")
    {
        CreateAdd(client),
        CreateList(client),
        CreateShow(client),
        CreateChange(client),
        CreateRemove(client),
        CreateAttachment(client, "attach", "Give a policy to a principal or to all members of a group", HttpMethod.Put, "attached"),
        CreateAttachment(client, "detach", "Take a policy away from a principal or a group", HttpMethod.Delete, "detached"),
    };

    private static Argument<string> Name() => new("POLICY") { Description = "Name of the policy" };

    private static Argument<string> Document() => new("FILE") { Description = "The policy as JSON; '-' reads standard input" };

    private static Command CreateAdd(ClientOptions client)
    {
        var (name, file) = (Name(), Document());
        var command = new Command("add", "Add a policy; it does nothing before it is attached") { name, file };
        client.SetAction(command, async (parse, session, cancel) =>
        {
            var document = await ReadAsync(session.Terminal, parse.GetRequiredValue(file), cancel);
            var request = new ApiRequest(HttpMethod.Post, ApiPath.Of("policies"), "Asking the server") { Body = new() { ["name"] = parse.GetRequiredValue(name), ["document"] = document } };
            return await session.RunAsync(request, session.Terminal.WritePolicy, cancel);
        });
        return command;
    }

    private static Command CreateList(ClientOptions client)
    {
        var command = new Command("list", "List the policies of the project, and who has them");
        client.SetAction(command, (_, session, cancel) => session.RunAsync(
            new ApiRequest(HttpMethod.Get, ApiPath.Of("policies"), "Asking for the policies"), session.Terminal.WritePolicies, cancel));
        return command;
    }

    private static Command CreateShow(ClientOptions client)
    {
        var name = Name();
        var command = new Command("show", "Show a policy") { name };
        client.SetAction(command, (parse, session, cancel) => session.RunAsync(
            new ApiRequest(HttpMethod.Get, ApiPath.Of("policies", parse.GetRequiredValue(name)), "Asking for the policy"), session.Terminal.WritePolicy, cancel));
        return command;
    }

    private static Command CreateChange(ClientOptions client)
    {
        var (name, file) = (Name(), Document());
        var command = new Command("change", "Replace what a policy says; whoever has it has it on, from the next request") { name, file };
        client.SetAction(command, async (parse, session, cancel) =>
        {
            var document = await ReadAsync(session.Terminal, parse.GetRequiredValue(file), cancel);
            var request = new ApiRequest(HttpMethod.Patch, ApiPath.Of("policies", parse.GetRequiredValue(name)), "Asking the server") { Body = new() { ["document"] = document } };
            return await session.RunAsync(request, session.Terminal.WritePolicy, cancel);
        });
        return command;
    }

    private static Command CreateRemove(ClientOptions client)
    {
        var name = Name();
        var confirmation = new Confirmation();
        var command = new Command("remove", "Forget a policy; whoever had it has it no more") { name };
        confirmation.AddTo(command);
        client.SetAction(command, async (parse, session, cancel) =>
        {
            var shown = Printable.Of(parse.GetRequiredValue(name));
            await confirmation.AskAsync(parse, session.Terminal, $"Forget the policy {shown}, whoever has it?", cancel);
            var request = new ApiRequest(HttpMethod.Delete, ApiPath.Of("policies", parse.GetRequiredValue(name)), "Asking the server");
            return await session.RunAsync(request, _ => session.Terminal.Out.WriteLine($"forgot {shown}"), cancel);
        });
        return command;
    }

    private static Command CreateAttachment(ClientOptions client, string verb, string description, HttpMethod method, string done)
    {
        var name = Name();
        var principal = new Option<string?>("--principal") { Description = "Name of the principal" };
        var group = new Option<string?>("--group") { Description = "Name of the group" };
        var command = new Command(verb, description) { name, principal, group };
        client.SetAction(command, (parse, session, cancel) =>
        {
            var (one, many) = (parse.GetValue(principal), parse.GetValue(group));
            if (one is null == many is null)
            {
                throw CommandFailure.Usage("say either --principal or --group.");
            }

            var path = ApiPath.Of("policies", parse.GetRequiredValue(name), one is null ? "groups" : "principals", one ?? many!);
            return session.RunAsync(
                new ApiRequest(method, path, "Asking the server"), _ => session.Terminal.Out.WriteLine($"{done} {Printable.Of(parse.GetRequiredValue(name))}"), cancel);
        });
        return command;
    }

    private static Task<JsonNode?> ReadAsync(Terminal terminal, string file, CancellationToken cancel) =>
        file == "-" ? InputFile.ReadJsonAsync(terminal.In, cancel) : InputFile.ReadJsonAsync(file, cancel);
}
