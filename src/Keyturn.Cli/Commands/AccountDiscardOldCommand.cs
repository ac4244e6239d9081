using System.CommandLine;
using Keyturn.Cli.Api;
using Keyturn.Cli.Output;

namespace Keyturn.Cli.Commands;

/// <summary><c>keyturn account discard-old</c></summary>
internal static class AccountDiscardOldCommand
{
    public static Command Create(ClientOptions client)
    {
        var account = new AccountArguments();
        var command = new Command("discard-old", "Shut out the old password that a reset with --keep-old-for has left valid; the present one stays");
        account.AddTo(command);
        client.SetAction(command, async (parse, session, cancel) =>
        {
            var address = account.Of(parse);
            var request = new ApiRequest(HttpMethod.Post, address.Path("discard-old"), $"Discarding the old password of {address.Name}");
            var answer = await session.SendAsync(request, cancel);
            return session.Write(answer, body => session.Terminal.WriteReset(body.Member("reset")!.Value));
        });
        return command;
    }
}
