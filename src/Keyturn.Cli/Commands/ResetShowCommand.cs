using System.CommandLine;
using Keyturn.Cli.Api;
using Keyturn.Cli.Output;

namespace Keyturn.Cli.Commands;

/// <summary><c>keyturn reset show</c></summary>
internal static class ResetShowCommand
{
    public static Command Create(ClientOptions client)
    {
        var id = new Argument<string>("ID") { Description = "Id of the reset" };
        var command = new Command("show", "Tell the story of one reset; exits 0 when it is done, 2 when it failed, 3 while it is open") { id };
        client.SetAction(command, async (parse, session, cancel) =>
        {
            var request = new ApiRequest(HttpMethod.Get, ApiPath.Of("resets", parse.GetRequiredValue(id)), "Asking for the reset");
            var answer = await session.SendAsync(request, cancel);
            var code = session.Write(answer, body => session.Terminal.WriteStory(body.Member("reset") ?? body));
            return answer.IsSuccess ? ResetView.ExitCodeOf(answer.Body.Member("reset") ?? answer.Body) : code;
        });
        return command;
    }
}
