using System.CommandLine;
using Keyturn.Cli.Api;
using Keyturn.Cli.Output;

namespace Keyturn.Cli.Commands;

/// <summary><c>keyturn audit list</c></summary>
internal static class AuditListCommand
{
    public static Command Create(ClientOptions client)
    {
        var filter = new AuditFilterOptions();
        var limit = new Option<int?>("--limit") { Description = "At most so many, the latest first [100, at most 1000]" };
        var command = new Command("list", "List what was done, the latest first") { limit };
        filter.AddTo(command);
        client.SetAction(command, (parse, session, cancel) => session.RunAsync(
            filter.Request(parse, parse.GetValue(limit), after: null),
            body => session.Terminal.WriteTable(
                body.Items("entries"), "sequence", "time", "principal", "source", "action", "outcome", "account", "reset_id", "detail"),
            cancel));
        return command;
    }
}
