using System.Net;

namespace Keyturn.Server.Tests.Dialects.Upstash;

public sealed class UpstashAccessTests : UpstashTest
{
    private const string Unauthorized = $"401\n{Json}\nWWW-Authenticate: Basic realm=\"upstash\"\n{{\"error\":\"unauthorized\"}}";

    [Theory]
    [InlineData("GET", "/v2/redis/databases")]
    [InlineData("POST", "/v2/redis/reset-password/x")]
    [InlineData("DELETE", "/v2/redis/database/x")]
    [InlineData("GET", "/v2/redis/nowhere")]
    public async Task AnyPath_WithoutCredentials_IsUnauthorizedLikeUpstash(string method, string path)
    {
        using var response = await Server.Anonymous.SendAsync(Server.Request(new HttpMethod(method), path));

        (await response.WholeAsync()).ShouldBe(Unauthorized);
    }

    [Theory]
    [InlineData("Basic ")]
    [InlineData("Basic !!!")]
    [InlineData("Basic b3BzQGV4YW1wbGUuY29t")]
    [InlineData("Basic OmtleQ==")]
    [InlineData("Basic b3BzQGV4YW1wbGUuY29tOmtleQ==")]
    [InlineData("Bearer TOKEN")]
    [InlineData("Basic TOKEN")]
    public async Task List_MalformedOrWrongCredentials_IsUnauthorized(string authorization)
    {
        // A token of the operator is no e-mail key, however it is sent.
        using var client = NewClient(authorization
            .Replace("Bearer TOKEN", $"Bearer {Server.Token.Reveal()}", StringComparison.Ordinal)
            .Replace("TOKEN", Encode($"{Email}:{Server.Token.Reveal()}"), StringComparison.Ordinal));

        using var response = await client.GetAsync("/v2/redis/databases");

        (await response.WholeAsync()).ShouldBe(Unauthorized);
    }

    [Fact]
    public async Task List_AnothersAddressOrAnEndedKey_IsUnauthorized()
    {
        using var another = await ClientAsync("first@example.com", Email);
        using var ended = await ClientAsync("second@example.com", "second@example.com", endsAfter: TimeSpan.FromSeconds(-1));

        (await (await another.GetAsync("/v2/redis/databases")).WholeAsync()).ShouldBe(Unauthorized);
        (await (await ended.GetAsync("/v2/redis/databases")).WholeAsync()).ShouldBe(Unauthorized);
    }

    [Fact]
    public async Task List_AddressInAnotherCase_IsLetIn()
    {
        using var client = await ClientAsync("Third@Example.com", "thirD@example.COM");

        (await client.GetAsync("/v2/redis/databases")).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData("keyturn:instance:read", "POST", "/v2/redis/reset-password/ID")]
    [InlineData("keyturn:account:reset", "GET", "/v2/redis/databases")]
    [InlineData("keyturn:account:reset", "GET", "/v2/redis/database/ID")]
    [InlineData("keyturn:account:reset", "DELETE", "/v2/redis/database/ID")]
    public async Task AnyCall_KeyIsNotForIt_IsForbidden(string scope, string method, string path)
    {
        using var client = await ClientAsync("scoped@example.com", "scoped@example.com", scopes: [scope]);

        using var response = await client.SendAsync(Server.Request(new HttpMethod(method), path.Replace("ID", Id, StringComparison.Ordinal)));

        (await response.WholeAsync()).ShouldBe($"403\n{Json}\n{{\"error\":\"forbidden\"}}");
        Redis.Changes.ShouldBe(0);
    }
}
