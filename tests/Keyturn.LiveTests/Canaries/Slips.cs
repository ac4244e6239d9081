using System.Text.Json.Nodes;

namespace Keyturn.LiveTests.Canaries;

/// <summary>A secret that somebody typed where something else belongs. Who typed it may be told it again, and names are kept as what they are; no log has it.</summary>
/// <param name="knocker">Sends.</param>
/// <param name="canaries">What is sent.</param>
/// <param name="caller">Who sends.</param>
internal sealed class Slips(Knocker knocker, CanaryList canaries, Caller caller)
{
    private const Visible AsName = Visible.InAnswers | Visible.InRecords;

    /// <summary>On one server.</summary>
    public async Task MakeAsync(string engine, string id, string user)
    {
        var instance = $"/api/v1/instances/{id}";
        string[] verbs = ["reset", "check", "adopt", "inspect", "verify", "sessions", "discard-old"];

        // At once: some of them answer at their own pace.
        await Task.WhenAll(verbs.Select(verb => SendAsync("POST", $"{instance}/accounts/{Name($"of an account, {verb}, {engine}")}/{verb}", """{"password":"Some-Password-1"}""")));

        await SendAsync("POST", $"{instance}/accounts", $$"""{"user":"{{Name($"of an account to make, with a password that no policy takes, {engine}")}}","password":"x"}""");
        await SendAsync("POST", $"/v2/databases/{id}/users/{Name($"of an account, at DigitalOcean's door, {engine}")}/reset_auth", "{}");
        await SendAsync("POST", $"{instance}/accounts/{user}/reset?auth_database={Echo("of a database")}&host={Name("of a host")}", body: null);
        await SendAsync("GET", $"{instance}/accounts/{user}/secret?version={Echo("of a version")}", body: null);
        await SendAsync("POST", $"{instance}/accounts/{user}/reset", """{"password":7}""", ("Idempotency-Key", canaries.New($"as a key of a request that is refused, {engine}")));
        await SendAsync("POST", $"{instance}/accounts/{user}/reset", body: null, ("Idempotency-Key", canaries.New($"as the key of a reset, {engine}")));
        await SendAsync("POST", $"{instance}/accounts/no-such-user/reset", body: null, ("X-Request-Id", canaries.New($"as the id of a request, {engine}")));
    }

    /// <summary>Where no server is asked.</summary>
    public async Task MakeAsync()
    {
        foreach (var member in new[] { "name", "engine", "status", "send", "main_account" })
        {
            await RegisterAsync(body => body[member] = Echo($"instance's {member}"));
        }

        await RegisterAsync(body => body["nodes"]![0]!["host"] = $"{Name("instance's host")}.invalid");
        await RegisterAsync(body => body["tls"] = new JsonObject { ["ca"] = canaries.New("in place of a certificate"), ["client_key"] = canaries.New("in place of a key") });
        await RegisterAsync(body => body["nodes"] = $"mongodb://u:{canaries.New("in a connection string")}@127.0.0.1:1/");
        foreach (var document in new[] { """{"Version":"CANARY"}""", """{"Version":"5.0","Statement":[{"Effect":"CANARY","Action":["CANARY"],"Resource":["CANARY"]}]}""", """{"Version":"5.0","Statement":[{"Effect":"Allow","Action":["*"],"CANARY":1}]}""", "\"CANARY\"" })
        {
            var policy = """{"name":"p","document":DOCUMENT}""".Replace("DOCUMENT", document, StringComparison.Ordinal);
            await SendAsync("POST", "/api/v1/policies", policy.Replace("CANARY", Echo("in a policy"), StringComparison.Ordinal));
        }

        await SendAsync("POST", "/api/v1/policies", $$"""{"name":"{{Echo("a policy's name")}}","document":[]}""");
        await SendAsync("POST", "/api/v1/principals", $$"""{"name":"{{Echo("a principal's name")}} ","email":"x"}""");
        await SendAsync("POST", $"/api/v1/principals/{Echo("of a principal")}/credentials", """{"kind":"token"}""");
        await SendAsync("POST", $"/api/v1/principals/{caller.Name}/credentials", $$"""{"kind":"{{Echo("a credential's kind")}}","scopes":["{{Echo("a credential's scope")}}"]}""");
        await SendAsync("GET", $"/api/v1/audit?limit={Echo("of a limit")}&account={Echo("of an account that is looked for")}", body: null);
        await SendAsync("GET", $"/api/v1/resets/{Echo("of a reset")}", body: null);
        await SendAsync("GET", $"/v3/{Echo("a project's id")}/instances", body: null);
    }

    private string Name(string way) => canaries.New($"typed in place of the name {way}", AsName);

    private string Echo(string way) => canaries.New($"typed in place of the name {way}", Visible.InAnswers);

    private Task RegisterAsync(Action<JsonObject> slip)
    {
        var body = new JsonObject
        {
            ["name"] = "slip",
            ["engine"] = "redis",
            ["nodes"] = new JsonArray(new JsonObject { ["host"] = "127.0.0.1", ["port"] = 1 }),
            ["admin"] = new JsonObject { ["user"] = "nobody", ["password"] = canaries.New("admin's, of an instance that is not registered") },
        };
        slip(body);
        return SendAsync("POST", "/api/v1/instances", body.ToJsonString());
    }

    private async Task SendAsync(string method, string path, string? body, params (string, string)[] more)
    {
        using var response = await knocker.SendAsync(method, path, body, [caller.Token, .. more]);
    }
}
