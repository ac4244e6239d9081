using System.Net;
using System.Text;
using System.Text.Json.Nodes;

namespace Keyturn.LiveTests.WholeProgram;

/// <summary>Upstash's reset-password on a real Redis and a real Valkey, as its clients call it: the servers' own clients then log in.</summary>
public sealed class UpstashTests(RunningKeyturn keyturn) : IClassFixture<RunningKeyturn>
{
    /// <summary>What the command line (a content type and no body), the MCP server and curl send.</summary>
    [Theory]
    [InlineData("redis-7", "", "application/json")]
    [InlineData("redis-7", "{}", "application/json")]
    [InlineData("valkey-9", null, null)]
    public async Task ResetPassword_AsClientsCall_AnswersAPasswordThatTheServersOwnClientLogsInWith(string name, string? body, string? contentType)
    {
        var server = Lab.Server(name);
        await using var accounts = new LabAccounts(server);
        var user = await accounts.CreateAsync();
        await accounts.ExecuteAsync($"ACL SETUSER {user} +ping");
        var (database, client) = await RegisterAsync(server, user);
        using var _ = client;

        using var content = body is null ? null : new ByteArrayContent(Encoding.UTF8.GetBytes(body));
        content?.Headers.TryAddWithoutValidation("Content-Type", contentType);
        using var response = await client.PostAsync($"/v2/redis/reset-password/{database}", content);

        var answer = await ReadAsync(response);
        var password = answer["password"]!.GetValue<string>();
        password.ShouldMatch("^[0-9a-f]{32}$");
        await ShouldBeLetInAsync(server, user, password);
        (await VendorClient.LogInAsync(server, user, LabAccounts.OldPassword)).IsLetIn.ShouldBeFalse();
        var token = Convert.FromBase64String(answer["rest_token"]!.GetValue<string>().Replace('-', '+').Replace('_', '/'));
        Encoding.ASCII.GetString(token[6..]).ShouldBe(database + password);

        using var read = await client.GetAsync($"/v2/redis/database/{database}");
        (await ReadAsync(read)).ToJsonString().ShouldBe(answer.ToJsonString());
        using var list = await client.GetAsync("/v2/redis/databases");
        (await ReadAsync(list)).AsArray().Single(shown => shown!["database_id"]!.GetValue<string>() == database)!.ToJsonString().ShouldBe(answer.ToJsonString());
    }

    /// <summary>The user default is the one that Upstash means, and here, with <c>requirepass</c>, the admin login too.</summary>
    [Fact]
    public async Task ResetPassword_DefaultUserOfRequirepass_KeepsTheAdminLoginGoing()
    {
        var server = Lab.Server("redis-7-requirepass");
        var (database, client) = await RegisterAsync(server, mainAccount: null);
        using var _ = client;
        try
        {
            using var first = await client.PostAsync($"/v2/redis/reset-password/{database}", content: null);
            using var second = await client.PostAsync($"/v2/redis/reset-password/{database}", content: null);

            var (before, now) = ((await ReadAsync(first))["password"]!.GetValue<string>(), (await ReadAsync(second))["password"]!.GetValue<string>());
            await ShouldBeLetInAsync(server, "default", now);
            (await VendorClient.LogInAsync(server, "default", before)).IsLetIn.ShouldBeFalse();
        }
        finally
        {
            var instance = (await keyturn.Api.GetAsync($"/api/v1/instances/{database}"))["name"]!;
            (await keyturn.Api.ResetAsync(instance, "default", server.Admin.Password)).ShouldBe(HttpStatusCode.OK);
        }
    }

    private static async Task ShouldBeLetInAsync(LabServer server, string user, string password)
    {
        var (isLetIn, said) = await VendorClient.LogInAsync(server, user, password);
        isLetIn.ShouldBeTrue(said);
    }

    private static async Task<JsonNode> ReadAsync(HttpResponseMessage response)
    {
        var text = await response.Content.ReadAsStringAsync();
        response.StatusCode.ShouldBe(HttpStatusCode.OK, text);
        return JsonNode.Parse(text)!;
    }

    /// <summary>The server as a database, and a client with an e-mail address and a key.</summary>
    private async Task<(string Database, HttpClient Client)> RegisterAsync(LabServer server, string? mainAccount)
    {
        var changes = new JsonObject();
        if (mainAccount is not null)
        {
            changes["main_account"] = mainAccount;
        }

        var instance = await keyturn.Api.RegisterAsync(server, changes);
        var principal = $"p{Guid.NewGuid():N}";
        var email = $"{principal}@example.com";
        (await keyturn.Api.PostAsync("/api/v1/principals", new JsonObject { ["name"] = principal, ["owner"] = true, ["email"] = email })).ShouldBe(HttpStatusCode.Created);
        var key = await keyturn.Api.PostAsync($"/api/v1/principals/{principal}/credentials", new JsonObject { ["kind"] = "email-key" });
        key.ShouldBe(HttpStatusCode.Created);
        var client = new HttpClient { BaseAddress = keyturn.Process.Address };
        client.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", $"Basic {Convert.ToBase64String(Encoding.UTF8.GetBytes($"{email}:{key["secret"]}"))}");
        return ((await keyturn.Api.GetAsync($"/api/v1/instances/{instance}"))["id"]!, client);
    }
}
