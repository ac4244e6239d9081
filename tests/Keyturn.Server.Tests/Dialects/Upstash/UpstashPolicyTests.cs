using System.Net;
using System.Text.Json.Nodes;

namespace Keyturn.Server.Tests.Dialects.Upstash;

/// <summary>A principal whose policies allow some of what Upstash's API does.</summary>
public sealed class UpstashPolicyTests : UpstashTest
{
    [Fact]
    public async Task OwnerWhoMayNotReveal_SeesTheDatabaseWithoutItsPassword()
    {
        await Server.PostAsync("/api/v1/instances/cache/accounts/default/adopt", """{"password":"before"}""");
        JsonNode.Parse(await Client.GetStringAsync($"/v2/redis/database/{Id}"))!["password"]!.GetValue<string>().ShouldBe("before");

        await DenyAsync("keyturn:account:reveal");

        JsonNode.Parse(await Client.GetStringAsync($"/v2/redis/database/{Id}"))!.AsObject().ContainsKey("password").ShouldBeFalse();
        JsonNode.Parse(await Client.GetStringAsync("/v2/redis/databases"))![0]!.AsObject().ContainsKey("password").ShouldBeFalse();
    }

    [Fact]
    public async Task WhoMayNotRead_IsToldThatThereIsNoDatabase()
    {
        await DenyAsync("keyturn:*:*");

        using var hidden = await Client.GetAsync($"/v2/redis/database/{Id}");
        using var missing = await Client.GetAsync($"/v2/redis/database/{Guid.NewGuid()}");
        using var reset = await ResetAsync();

        (hidden.StatusCode, await hidden.Content.ReadAsStringAsync()).ShouldBe((missing.StatusCode, await missing.Content.ReadAsStringAsync()));
        reset.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        Redis.Passwords["default"].ShouldBe("before");
        JsonNode.Parse(await Client.GetStringAsync("/v2/redis/databases"))!.AsArray().ShouldBeEmpty();
    }

    private async Task DenyAsync(string action)
    {
        var document = $$"""{"Version":"5.0","Statement":[{"Effect":"Deny","Action":["{{action}}"]}]}""";
        (await Server.PostAsync("/api/v1/policies", $$"""{"name":"no","document":{{document}}}""")).Status.ShouldBe(HttpStatusCode.Created);
        var principals = (await Server.GetAsync("/api/v1/principals")).Body["principals"]!.AsArray().Select(principal => principal!["name"]!.GetValue<string>());
        (await Server.SendAsync(HttpMethod.Put, $"/api/v1/policies/no/principals/{principals.First(name => name != "operator")}", body: null)).Status.ShouldBe(HttpStatusCode.NoContent);
    }
}
