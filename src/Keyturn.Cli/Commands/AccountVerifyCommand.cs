using System.CommandLine;
using System.Text.Json;
using Keyturn.Cli.Api;
using Keyturn.Cli.Output;

namespace Keyturn.Cli.Commands;

/// <summary><c>keyturn account verify</c></summary>
internal static class AccountVerifyCommand
{
    public static Command Create(ClientOptions client)
    {
        var account = new AccountArguments();
        var command = new Command("verify", "Say whether the database accepts the password that Keyturn holds; settles a parked reset");
        account.AddTo(command);
        client.SetAction(command, async (parse, session, cancel) =>
        {
            var address = account.Of(parse);
            var request = new ApiRequest(HttpMethod.Post, address.Path("verify"), $"Logging in as {address.Name}") { Changes = false };
            var answer = await session.SendAsync(request, cancel);
            var code = session.Write(answer, session.Terminal.WriteVerdict);
            return answer.IsSuccess ? ExitCodeOf(answer.Body) : code;
        });
        return command;
    }

    private static ExitCode ExitCodeOf(JsonElement body) => body.Text("verdict") switch
    {
        "verified" or "restored" => ExitCode.Done,
        "drifted" => ExitCode.Refused,
        _ => ExitCode.Undecided,
    };
}
