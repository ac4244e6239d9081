using System.CommandLine;
using Keyturn.Cli.Api;

namespace Keyturn.Cli.Commands;

/// <summary>Which entries of the audit log are asked for.</summary>
internal sealed class AuditFilterOptions
{
    private readonly Option<string?> _instance = new("--instance") { Description = "Only of this instance: its name, or its id" };
    private readonly Option<string?> _account = new("--account") { Description = "Only of this account, by its name on the server" };
    private readonly Option<string?> _principal = new("--principal") { Description = "Only by this principal" };
    private readonly Option<string?> _action = new("--action") { Description = "Only this: account.reset, account.reveal, access, authentication, …" };
    private readonly Option<string?> _outcome = new("--outcome") { Description = "Only what came to this: done, refused, failed, …" };
    private readonly Option<DateTimeOffset?> _since = new("--since") { Description = "Only from this time on (ISO 8601)" };

    public void AddTo(Command command)
    {
        foreach (var option in new Option[] { _instance, _account, _principal, _action, _outcome, _since })
        {
            command.Options.Add(option);
        }
    }

    public ApiRequest Request(ParseResult parse, int? limit, long? after) => new(
        HttpMethod.Get,
        ApiPath.Of("audit").WithQuery(
            ("instance", parse.GetValue(_instance)), ("account", parse.GetValue(_account)), ("principal", parse.GetValue(_principal)), ("action", parse.GetValue(_action)),
            ("outcome", parse.GetValue(_outcome)), ("since", parse.GetValue(_since)?.ToString("O")), ("limit", limit?.ToString()), ("after", after?.ToString())),
        "Asking for the audit log");
}
