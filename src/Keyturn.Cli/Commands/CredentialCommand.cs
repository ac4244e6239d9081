using System.CommandLine;
using Keyturn.Cli.Api;
using Keyturn.Cli.Output;

namespace Keyturn.Cli.Commands;

/// <summary><c>keyturn principal credential …</c></summary>
internal static class CredentialCommand
{
    public static Command Create(ClientOptions client) => new("credential", "What principals show: tokens, access keys, e-mail keys, passwords")
    {
        CredentialAddCommand.Create(client),
        CreateList(client),
        CreateRevoke(client),
    };

    private static Command CreateList(ClientOptions client)
    {
        var name = PrincipalCommand.Name();
        var command = new Command("list", "List a principal's credentials, without their secrets, which nobody sees again") { name };
        client.SetAction(command, (parse, session, cancel) => session.RunAsync(
            new ApiRequest(HttpMethod.Get, ApiPath.Of("principals", parse.GetRequiredValue(name), "credentials"), "Asking for the credentials"),
            session.Terminal.WriteCredentials,
            cancel));
        return command;
    }

    private static Command CreateRevoke(ClientOptions client)
    {
        var name = PrincipalCommand.Name();
        var id = new Argument<string>("ID") { Description = "Id of the credential, see list" };
        var command = new Command("revoke", "Refuse a credential from now on; a password takes its sessions with it") { name, id };
        client.SetAction(command, (parse, session, cancel) =>
        {
            var path = ApiPath.Of("principals", parse.GetRequiredValue(name), "credentials", parse.GetRequiredValue(id));
            return session.RunAsync(
                new ApiRequest(HttpMethod.Delete, path, "Asking the server"), _ => session.Terminal.Out.WriteLine($"revoked {Printable.Of(parse.GetRequiredValue(id))}"), cancel);
        });
        return command;
    }
}
