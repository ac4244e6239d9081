using System.CommandLine;
using System.Text.Json.Nodes;
using Keyturn.Cli.Api;
using Keyturn.Cli.Output;

namespace Keyturn.Cli.Commands;

/// <summary><c>keyturn account change</c></summary>
internal static class AccountChangeCommand
{
    public static Command Create(ClientOptions client)
    {
        var account = new AccountArguments();
        var proof = ProofOption.Create();
        proof.Required = true;
        var command = new Command("change", "Change how Keyturn treats an account that it holds; changes nothing on the server") { proof };
        account.AddTo(command);
        client.SetAction(command, (parse, session, cancel) =>
        {
            var address = account.Of(parse);
            var request = new ApiRequest(HttpMethod.Patch, address.Path(), "Asking the server") { Body = new JsonObject { ["proof"] = parse.GetValue(proof) } };
            return session.RunAsync(request, _ => session.Terminal.Out.WriteLine(Printable.Of($"changed {address.Name}")), cancel);
        });
        return command;
    }
}
