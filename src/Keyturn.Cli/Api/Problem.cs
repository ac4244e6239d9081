using System.Net;
using System.Text.Json;
using Keyturn.Cli.Output;

namespace Keyturn.Cli.Api;

/// <summary>A refusal of the native API (RFC 9457), in one line and one exit code.</summary>
internal sealed record Problem(HttpStatusCode Status, JsonElement Body)
{
    /// <summary>Causes that say that the database was not asked, rather than that it said no: EngineErrors.IsUnreachable, as the API spells them.</summary>
    private static readonly HashSet<string> Unreachable =
        ["name-not-resolved", "unreachable", "connection-lost", "timed-out", "tls-rejected", "tls-unavailable", "protocol-violation"];

    public ExitCode ExitCode => this switch
    {
        _ when Unreachable.Contains(Body.Text("cause")) => ExitCode.Unreachable,
        // Another reset of the account is open. A queue that was too long is another 409: nothing was begun.
        { Status: HttpStatusCode.Conflict } when Body.Text("reset_id").Length > 0 && !IsOf("busy") => ExitCode.Undecided,
        _ => ExitCode.Refused,
    };

    /// <summary>What happened and what to do about it, with the numbers to ask the operator about.</summary>
    public string Line()
    {
        var said = FirstOf(Body.Text("detail"), Body.Text("title"), $"the server answered {(int)Status}");
        var cause = Body.Text("cause") is { Length: > 0 } word ? $" ({word})" : "";
        var violations = string.Concat(Body.Items("violations").Where(violation => !said.Contains(violation.Text("sentence"), StringComparison.Ordinal)).Select(violation => $" {violation.Text("rule")}: {violation.Text("sentence")}"));
        var next = Body.Text("next_step") is { Length: > 0 } step ? $" {step}" : "";
        return Printable.Of($"{Sentence(said + cause)}{violations}{next}{Numbers()}");
    }

    private bool IsOf(string slug) => Body.Text("type").EndsWith($":{slug}", StringComparison.Ordinal);

    private string Numbers()
    {
        var reset = Body.Text("reset_id") is { Length: > 0 } id ? $"reset {id}" : "";
        var request = Body.Text("request_id") is { Length: > 0 } number ? $"request {number}" : "";
        var numbers = string.Join(", ", new[] { reset, request }.Where(text => text.Length > 0));
        return numbers.Length == 0 ? "" : $" [{numbers}]";
    }

    private static string FirstOf(params string[] texts) => texts.First(text => text.Length > 0);

    private static string Sentence(string text) => text.EndsWith('.') ? text : text + ".";
}
