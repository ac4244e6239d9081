using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using Keyturn.Cli.Api;
using Keyturn.Cli.Output;
using Keyturn.Cli.Passwords;

namespace Keyturn.Cli.Commands;

/// <summary><c>keyturn account check</c></summary>
internal static class AccountCheckCommand
{
    public static Command Create(ClientOptions client)
    {
        var account = new AccountArguments();
        var input = new PasswordInput("the password to check");
        var command = new Command("check", "Say whether the database accepts a password; changes nothing");
        account.AddTo(command);
        input.AddTo(command);
        client.SetAction(command, async (parse, session, cancel) =>
        {
            var address = account.Of(parse);
            var password = await input.ReadOrAskAsync(parse, session.Terminal, $"Password of {address.Name}", cancel);
            var request = new ApiRequest(HttpMethod.Post, address.Path("check"), $"Logging in as {address.Name}")
            {
                Body = new JsonObject { ["password"] = password.Reveal() },
                Changes = false,
            };
            var answer = await session.SendAsync(request, cancel);
            var code = session.Write(answer, session.Terminal.WriteVerdict);
            return answer.IsSuccess ? ExitCodeOf(answer.Body) : code;
        });
        return command;
    }

    private static ExitCode ExitCodeOf(JsonElement body) => body.Text("verdict") switch
    {
        "accepted" => ExitCode.Done,
        "wrong-password" or "refused" => ExitCode.Refused,
        "unreachable" => ExitCode.Unreachable,
        _ => ExitCode.Undecided,
    };
}
