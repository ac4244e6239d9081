using System.CommandLine;
using Keyturn.Cli.Api;
using Keyturn.Cli.Output;

namespace Keyturn.Cli.Commands;

/// <summary><c>keyturn access group …</c></summary>
internal static class AccessGroupCommand
{
    public static Command Create(ClientOptions client) => new("group", "Groups of principals, who have policies together")
    {
        CreateAdd(client),
        CreateList(client),
        CreateRemove(client),
        CreateMembership(client, "add-member", "Make a principal a member of a group", HttpMethod.Put, "added"),
        CreateMembership(client, "remove-member", "Take a principal out of a group", HttpMethod.Delete, "removed"),
    };

    private static Argument<string> Name() => new("GROUP") { Description = "Name of the group" };

    private static Command CreateAdd(ClientOptions client)
    {
        var name = Name();
        var command = new Command("add", "Add a group without members") { name };
        client.SetAction(command, (parse, session, cancel) => session.RunAsync(
            new ApiRequest(HttpMethod.Post, ApiPath.Of("groups"), "Asking the server") { Body = new() { ["name"] = parse.GetRequiredValue(name) } }, session.Terminal.WriteGroup, cancel));
        return command;
    }

    private static Command CreateList(ClientOptions client)
    {
        var command = new Command("list", "List the groups of the project with their members");
        client.SetAction(command, (_, session, cancel) => session.RunAsync(
            new ApiRequest(HttpMethod.Get, ApiPath.Of("groups"), "Asking for the groups"), session.Terminal.WriteGroups, cancel));
        return command;
    }

    private static Command CreateRemove(ClientOptions client)
    {
        var name = Name();
        var confirmation = new Confirmation();
        var command = new Command("remove", "Forget a group; its members stay, without its policies") { name };
        confirmation.AddTo(command);
        client.SetAction(command, async (parse, session, cancel) =>
        {
            var shown = Printable.Of(parse.GetRequiredValue(name));
            await confirmation.AskAsync(parse, session.Terminal, $"Forget the group {shown}? Its members lose its policies.", cancel);
            var request = new ApiRequest(HttpMethod.Delete, ApiPath.Of("groups", parse.GetRequiredValue(name)), "Asking the server");
            return await session.RunAsync(request, _ => session.Terminal.Out.WriteLine($"forgot {shown}"), cancel);
        });
        return command;
    }

    private static Command CreateMembership(ClientOptions client, string verb, string description, HttpMethod method, string done)
    {
        var name = Name();
        var principal = new Argument<string>("PRINCIPAL") { Description = "Name of the principal" };
        var command = new Command(verb, description) { name, principal };
        client.SetAction(command, (parse, session, cancel) =>
        {
            var path = ApiPath.Of("groups", parse.GetRequiredValue(name), "members", parse.GetRequiredValue(principal));
            return session.RunAsync(
                new ApiRequest(method, path, "Asking the server"), _ => session.Terminal.Out.WriteLine($"{done} {Printable.Of(parse.GetRequiredValue(principal))}"), cancel);
        });
        return command;
    }
}
