using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Keyturn.Cli.Api;
using Keyturn.Cli.Output;

namespace Keyturn.Cli.Commands;

/// <summary><c>keyturn account schedule</c></summary>
internal sealed class AccountScheduleCommand
{
    private readonly AccountArguments _account = new();
    private readonly Option<string?> _every = new("--every") { Description = "Rotate it so often by itself, from now on; rotates nothing now", HelpName = "30d" };
    private readonly Option<bool> _off = new("--off") { Description = "Rotate it by hand only" };
    private readonly Option<bool> _show = new("--show") { Description = "Say when it is due, and why it could not be rotated when it was [what is done without --every and --off]" };

    public static Command Create(ClientOptions client)
    {
        var schedule = new AccountScheduleCommand();
        var command = new Command("schedule", "Have Keyturn rotate an account every so many days, or by hand only") { schedule._every, schedule._off, schedule._show };
        schedule._account.AddTo(command);
        client.SetAction(command, schedule.RunAsync);
        return command;
    }

    private async Task<ExitCode> RunAsync(ParseResult parse, Session session, CancellationToken cancel)
    {
        var (every, off) = (parse.GetValue(_every), parse.GetValue(_off));
        if (new[] { every is not null, off, parse.GetValue(_show) }.Count(isGiven => isGiven) > 1)
        {
            throw CommandFailure.Usage("--every, --off and --show are one or the other.");
        }

        var address = _account.Of(parse);
        var path = address.Path("schedule");
        return (every, off) switch
        {
            ({ } days, _) => await session.RunAsync(
                new ApiRequest(HttpMethod.Put, path, "Asking the server") { Body = new JsonObject { ["every_days"] = Days(days) } }, body => Show(session.Terminal, body), cancel),
            (_, true) => await session.RunAsync(
                new ApiRequest(HttpMethod.Delete, path, "Asking the server"), _ => session.Terminal.Out.WriteLine(Printable.Of($"{address.Name} is rotated by hand only")), cancel),
            _ => await session.RunAsync(new ApiRequest(HttpMethod.Get, path, "Asking the server"), body => Show(session.Terminal, body), cancel),
        };
    }

    private static int Days(string text) =>
        text is [.. var digits, 'd'] && int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var days)
            ? days
            : throw CommandFailure.Usage("--every takes a number of days: --every 30d.");

    private static void Show(Terminal terminal, JsonElement body)
    {
        if (body.Text("scheduled") != "yes")
        {
            terminal.Out.WriteLine("rotated by hand only");
            return;
        }

        var failure = body.Member("last_failure");
        terminal.WriteList(
            ("every", $"{body.Text("every_days")} days"),
            ("due at", body.Text("due_at")),
            ("next attempt at", body.Text("next_attempt_at") is var next && next != body.Text("due_at") ? next : ""),
            ("failed attempts", failure is null ? "" : body.Text("failed_attempts")),
            ("last failed at", failure?.Text("at") ?? ""),
            ("cause", failure?.Text("cause") ?? ""),
            ("detail", failure?.Text("detail") ?? ""),
            ("next step", failure?.Text("next_step") ?? ""),
            ("reset", failure?.Text("reset_id") ?? ""));
    }
}
