using System.CommandLine;
using Keyturn.Cli.Api;
using Keyturn.Cli.Output;

namespace Keyturn.Cli.Commands;

/// <summary><c>keyturn instance remove</c></summary>
internal static class InstanceRemoveCommand
{
    public static Command Create(ClientOptions client)
    {
        var instance = InstanceArgument.Create();
        var confirmation = new Confirmation();
        var command = new Command("remove", "Forget an instance with all passwords that Keyturn holds of it; changes nothing on the server") { instance };
        confirmation.AddTo(command);
        client.SetAction(command, async (parse, session, cancel) =>
        {
            var name = Printable.Of(parse.GetRequiredValue(instance));
            await confirmation.AskAsync(parse, session.Terminal, $"Forget {name} and all passwords of its accounts?", cancel);
            var request = new ApiRequest(HttpMethod.Delete, ApiPath.Of("instances", parse.GetRequiredValue(instance)), "Asking the server");
            return await session.RunAsync(request, _ => session.Terminal.Out.WriteLine($"forgot {name}"), cancel);
        });
        return command;
    }
}
