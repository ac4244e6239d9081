using System.CommandLine;
using Keyturn.Cli.Api;
using Keyturn.Cli.Output;

namespace Keyturn.Cli.Commands;

/// <summary><c>keyturn principal …</c></summary>
internal static class PrincipalCommand
{
    public static Command Create(ClientOptions client) => client.AddTo(new Command("principal", "Who may call Keyturn")
    {
        CreateAdd(client),
        CreateList(client),
        CreateShow(client),
        CreateChange(client),
        CreateRemove(client),
        CredentialCommand.Create(client),
    });

    /// <summary>The argument NAME of an existing principal.</summary>
    public static Argument<string> Name() => new("NAME") { Description = "Name of the principal" };

    private static Command CreateAdd(ClientOptions client)
    {
        var name = new Argument<string>("NAME") { Description = "What to call it" };
        var email = new Option<string?>("--email") { Description = "Its e-mail address, which clients of Upstash sign in with" };
        var owner = new Option<bool>("--owner") { Description = "It owns the project: may do everything that no policy denies it" };
        var command = new Command("add", "Add a principal; it can do nothing before it has a credential and, unless it is an owner, a policy (keyturn access)") { name, email, owner };
        client.SetAction(command, (parse, session, cancel) =>
        {
            var request = new ApiRequest(HttpMethod.Post, ApiPath.Of("principals"), "Asking the server") { Body = new() { ["name"] = parse.GetRequiredValue(name) } };
            request.Body.AddIfGiven("email", parse.GetValue(email));
            if (parse.GetValue(owner))
            {
                request.Body["owner"] = true;
            }

            return session.RunAsync(request, session.Terminal.WritePrincipal, cancel);
        });
        return command;
    }

    private static Command CreateList(ClientOptions client)
    {
        var command = new Command("list", "List the principals of the project");
        client.SetAction(command, (_, session, cancel) => session.RunAsync(
            new ApiRequest(HttpMethod.Get, ApiPath.Of("principals"), "Asking for the principals"), session.Terminal.WritePrincipals, cancel));
        return command;
    }

    private static Command CreateShow(ClientOptions client)
    {
        var name = Name();
        var command = new Command("show", "Show a principal") { name };
        client.SetAction(command, (parse, session, cancel) => session.RunAsync(
            new ApiRequest(HttpMethod.Get, ApiPath.Of("principals", parse.GetRequiredValue(name)), "Asking for the principal"), session.Terminal.WritePrincipal, cancel));
        return command;
    }

    private static Command CreateChange(ClientOptions client)
    {
        var name = Name();
        var newName = new Option<string?>("--name") { Description = "Call it otherwise: for owners only" };
        var email = new Option<string?>("--email") { Description = "Its e-mail address; '' for none" };
        var command = new Command("change", "Change a principal; what is not named stays as it is, and so do its credentials") { name, newName, email };
        client.SetAction(command, (parse, session, cancel) =>
        {
            var request = new ApiRequest(HttpMethod.Patch, ApiPath.Of("principals", parse.GetRequiredValue(name)), "Asking the server") { Body = [] };
            request.Body.AddIfGiven("name", parse.GetValue(newName));
            if (parse.GetValue(email) is { } address)
            {
                request.Body["email"] = address.Length == 0 ? null : address;
            }

            return request.Body.Count > 0
                ? session.RunAsync(request, session.Terminal.WritePrincipal, cancel)
                : throw CommandFailure.Usage("nothing to change: name something, see keyturn principal change --help.");
        });
        return command;
    }

    private static Command CreateRemove(ClientOptions client)
    {
        var name = Name();
        var confirmation = new Confirmation();
        var command = new Command("remove", "Forget a principal; all its credentials are refused from then on") { name };
        confirmation.AddTo(command);
        client.SetAction(command, async (parse, session, cancel) =>
        {
            var shown = Printable.Of(parse.GetRequiredValue(name));
            await confirmation.AskAsync(parse, session.Terminal, $"Forget {shown} and revoke all its credentials?", cancel);
            var request = new ApiRequest(HttpMethod.Delete, ApiPath.Of("principals", parse.GetRequiredValue(name)), "Asking the server");
            return await session.RunAsync(request, _ => session.Terminal.Out.WriteLine($"forgot {shown}"), cancel);
        });
        return command;
    }
}
