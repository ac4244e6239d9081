using System.CommandLine;
using System.Text.Json;
using Keyturn.Cli.Api;
using Keyturn.Cli.Output;

namespace Keyturn.Cli.Commands;

/// <summary><c>keyturn account list</c></summary>
internal static class AccountListCommand
{
    public static Command Create(ClientOptions client)
    {
        var instance = InstanceArgument.Create();
        var command = new Command("list", "List the accounts that are on the server, and which of their passwords Keyturn holds") { instance };
        client.SetAction(command, (parse, session, cancel) =>
        {
            var path = ApiPath.Of("instances", parse.GetRequiredValue(instance), "accounts");
            return session.RunAsync(new ApiRequest(HttpMethod.Get, path, "Reading the accounts"), body => Show(session.Terminal, body), cancel);
        });
        return command;
    }

    private static void Show(Terminal terminal, JsonElement body) => terminal.WriteTable(
        ["ACCOUNT", "METHOD", "HELD", "PROOF", "REMARKS"],
        body.Items("accounts").Select(account => new[]
        {
            account.Text("name"), account.Text("method"), HeldOf(account), account.Text("proof"), RemarksOf(account),
        }));

    private static string HeldOf(JsonElement account) => account.Text("has_password") == "no" ? "no password held yet" : account.Text("held");

    private static string RemarksOf(JsonElement account)
    {
        var drifted = account.Text("drifted_at") is { Length: > 0 } time ? $"drifted since {time}" : "";
        var unverified = account.Text("unverified_since") is { Length: > 0 } restored ? $"restored at {restored}, not verified" : "";
        var old = account.Text("old_password_until") is { Length: > 0 } end ? $"old password until {end}" : "";
        var admin = account.Text("is_admin") == "yes" ? "administrator" : "";
        var schedule = account.Member("schedule") is { } rotated ? ScheduleOf(rotated) : "";
        return string.Join("; ", new[] { drifted, unverified, old, schedule, admin, account.Text("login_obstacle"), account.Text("remarks") }.Where(text => text.Length > 0));
    }

    private static string ScheduleOf(JsonElement schedule) =>
        $"every {schedule.Text("every_days")} days, due at {schedule.Text("due_at")}{(schedule.Member("last_failure") is { } failure ? $", but {failure.Text("detail")}" : "")}";
}
