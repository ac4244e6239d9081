using System.Net;
using System.Text.Json.Nodes;
using Keyturn.Engines;

namespace Keyturn.ClientTests;

/// <summary>Upstash's command line and its MCP server, against real Redis and Valkey servers.</summary>
public sealed class UpstashClientTests(KeyturnOverTls keyturn) : IClassFixture<KeyturnOverTls>
{
    private const string Cli = "@upstash/cli/dist/cli.js";

    public static TheoryData<string> Servers { get; } = ["redis-7", "valkey-9"];

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task Cli_ResetPassword_TheDatabaseTakesThePasswordItPrints(string server)
    {
        await using var accounts = new LabAccounts(Lab.Server(server));
        var user = await accounts.CreateAsync();
        var (id, login) = await SetUpAsync(accounts.Server, user);

        var run = await Client.NodePackageAsync(keyturn.Process, Cli, [.. login, "redis", "reset-password", "--db-id", id]);

        var password = run.Json["password"]!.ToString();
        password.ShouldMatch("^[0-9a-f]{32}$");
        (await accounts.LoginAsync(user, password)).ShouldBe(Login.Accepted);
        (await accounts.LoginAsync(user, LabAccounts.OldPassword)).ShouldBe(Login.WrongPassword);
        (await Client.NodePackageAsync(keyturn.Process, Cli, [.. login, "redis", "get", "--db-id", id])).Json["password"]!.ToString().ShouldBe(password);
        (await Client.NodePackageAsync(keyturn.Process, Cli, [.. login, "redis", "list"])).Json.AsArray().ShouldContain(database => database!["database_id"]!.ToString() == id);
        var hidden = await Client.NodePackageAsync(keyturn.Process, Cli, [.. login, "redis", "get", "--db-id", id, "--hide-credentials"]);
        hidden.Json["password"].ShouldBeNull();
        hidden.Output.ShouldNotContain(password);
    }

    [Fact]
    public async Task Cli_WrongKey_SaysSoAndNothingChanges()
    {
        await using var accounts = new LabAccounts(Lab.Server("redis-7"));
        var user = await accounts.CreateAsync();
        var (id, login) = await SetUpAsync(accounts.Server, user);

        var run = await Client.NodePackageAsync(keyturn.Process, Cli, [.. login[..^1], "not-the-key", "redis", "reset-password", "--db-id", id]);

        run.ExitCode.ShouldNotBe(0);
        (run.Output + run.Errors).ShouldContain("unauthorized");
        (await accounts.LoginAsync(user, LabAccounts.OldPassword)).ShouldBe(Login.Accepted);
    }

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task McpServer_ResetPassword_TheDatabaseTakesThePasswordItReturns(string server)
    {
        await using var accounts = new LabAccounts(Lab.Server(server));
        var user = await accounts.CreateAsync();
        var (id, login) = await SetUpAsync(accounts.Server, user);

        var run = await Client.NodeAsync(keyturn.Process, "upstash-mcp.mjs", ["redis_database_reset_password", $$"""{"id":"{{id}}"}""", .. login]);

        run.Json["isError"]?.GetValue<bool>().ShouldBeFalse(run.Output);
        var secret = (await keyturn.Api.SecretAsync(id, user))["password"]!;
        run.Output.ShouldContain(secret);
        (await accounts.LoginAsync(user, secret)).ShouldBe(Login.Accepted);
    }

    /// <summary>Registers the server with that user as its main account, and makes an e-mail key: the login as the command line takes it.</summary>
    private async Task<(string Id, string[] Login)> SetUpAsync(LabServer server, string user)
    {
        var name = $"p{Guid.NewGuid():N}";
        var email = $"{name}@example.com";
        (await keyturn.Api.PostAsync("/api/v1/principals", new JsonObject { ["name"] = name, ["owner"] = true, ["email"] = email })).ShouldBe(HttpStatusCode.Created);
        var key = await keyturn.Api.PostAsync($"/api/v1/principals/{name}/credentials", new JsonObject { ["kind"] = "email-key" });
        key.ShouldBe(HttpStatusCode.Created);
        var id = await keyturn.RegisterAsync(server, new JsonObject { ["main_account"] = user });
        return (id, ["--email", email, "--api-key", key["secret"]!]);
    }
}
