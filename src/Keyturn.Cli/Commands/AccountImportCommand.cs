using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using Keyturn.Cli.Api;
using Keyturn.Cli.Output;

namespace Keyturn.Cli.Commands;

/// <summary><c>keyturn account import</c></summary>
internal sealed class AccountImportCommand
{
    private readonly Argument<string> _instance = InstanceArgument.Create();
    private readonly Argument<string[]> _names = new("USER[@HOST]") { Description = "Accounts; on MySQL and MariaDB without a host: all rows of the user", Arity = ArgumentArity.ZeroOrMore };
    private readonly Option<bool> _all = new("--all") { Description = "All that log in with a password, but for the server's and its provider's own" };
    private readonly Option<bool> _dryRun = new("--dry-run") { Description = "Only say what would be done, and end with 5 if anything would" };
    private readonly Option<string?> _authDatabase = AccountArguments.AuthDatabase("--auth-database");

    public static Command Create(ClientOptions client)
    {
        var import = new AccountImportCommand();
        var command = new Command("import", "Let Keyturn know accounts that exist on the server, without a password yet; changes nothing on the server")
        {
            import._instance, import._names, import._all, import._dryRun, import._authDatabase,
        };
        client.SetAction(command, import.RunAsync);
        return command;
    }

    private async Task<ExitCode> RunAsync(ParseResult parse, Session session, CancellationToken cancel)
    {
        var (names, all) = (parse.GetValue(_names) ?? [], parse.GetValue(_all));
        if (all == names.Length > 0)
        {
            throw CommandFailure.Usage("either name accounts, or give --all.");
        }

        var instance = parse.GetRequiredValue(_instance);
        var body = new JsonObject { ["dry_run"] = parse.GetValue(_dryRun) };
        body[all ? "all" : "accounts"] = all ? true : new JsonArray([.. names.Select(name => WireOf(name, parse.GetValue(_authDatabase)))]);
        var request = new ApiRequest(HttpMethod.Post, ApiPath.Of("instances", instance, "import"), "Reading the accounts") { Body = body, Changes = !parse.GetValue(_dryRun) };
        var answer = await session.SendAsync(request, cancel);
        var code = session.Write(answer, result => Show(session.Terminal, result));
        return answer.IsSuccess ? ExitCodeOf(answer.Body) : code;
    }

    private static JsonObject WireOf(string name, string? authDatabase)
    {
        var (user, host) = AccountArguments.Split(name);
        var account = new JsonObject { ["user"] = user };
        account.AddIfGiven("host", host);
        account.AddIfGiven("auth_database", authDatabase);
        return account;
    }

    private static void Show(Terminal terminal, JsonElement body) => terminal.WriteTable(
        ["ACCOUNT", "RESULT", "REASON"],
        body.Items("accounts").Select(account => new[] { account.Text("name"), account.Text("result"), account.Text("reason") }));

    private static ExitCode ExitCodeOf(JsonElement body)
    {
        var results = body.Items("accounts").Select(account => account.Text("result")).ToHashSet(StringComparer.Ordinal);
        return results.Contains("refused") ? ExitCode.Refused : results.Contains("importable") ? ExitCode.Differs : ExitCode.Done;
    }
}
