using System.CommandLine;
using System.Text.Json;
using Keyturn.Cli.Api;
using Keyturn.Cli.Output;

namespace Keyturn.Cli.Commands;

/// <summary><c>keyturn account inspect</c></summary>
internal static class AccountInspectCommand
{
    public static Command Create(ClientOptions client)
    {
        var account = new AccountArguments();
        var command = new Command("inspect", "Say what there is of an account, whether its password can be changed, and which grants are missing; changes nothing");
        account.AddTo(command);
        client.SetAction(command, (parse, session, cancel) => session.RunAsync(
            new ApiRequest(HttpMethod.Get, account.Of(parse).Path(), "Reading the account"), body => Show(session.Terminal, body), cancel));
        return command;
    }

    private static void Show(Terminal terminal, JsonElement body)
    {
        terminal.WriteList(
            ("exists", body.Text("exists")),
            ("may change password", body.Text("may_change_password")),
            ("can read back", body.Text("can_read_back")),
            ("held", body.Text("held")),
            ("proof", body.Text("proof")),
            ("old password until", body.Text("old_password_until")),
            ("rotated every", body.Member("schedule") is { } schedule ? $"{schedule.Text("every_days")} days, due at {schedule.Text("due_at")}" : ""));
        terminal.WriteMissingGrants(body);
        terminal.Out.WriteLine();
        terminal.WriteTable(body.Items("rows"), "name", "method", "by_password", "login_obstacle", "is_admin", "remarks", "next_step");
    }
}
