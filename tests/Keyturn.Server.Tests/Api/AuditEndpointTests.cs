using System.Net;
using System.Text.Json.Nodes;
using Microsoft.Data.Sqlite;

namespace Keyturn.Server.Tests.Api;

public sealed class AuditEndpointTests : IAsyncLifetime
{
    private RunningServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await RunningServer.StartAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task Audit_WithFilters_HasWhatFits()
    {
        var (postgres, mysql) = (await _server.RegisterAsync("postgresql"), await _server.RegisterAsync("mysql"));
        _server.Postgres.Passwords["app"] = "before";
        await _server.PostAsync($"/api/v1/instances/{postgres}/accounts/app/reset");

        (await ActionsAsync("")).ShouldBe(["account.reset done", "account.reset prepared", "instance.register done", "instance.register done"]);
        (await ActionsAsync("?instance=postgresql&action=account.reset")).ShouldBe(["account.reset done", "account.reset prepared"]);
        (await ActionsAsync($"?instance={mysql}")).ShouldBe(["instance.register done"]);
        (await ActionsAsync("?account=app&outcome=prepared")).ShouldBe(["account.reset prepared"]);
        (await ActionsAsync("?principal=nobody-of-that-name")).ShouldBeEmpty();
        (await ActionsAsync("?since=2999-01-01T00:00:00Z")).ShouldBeEmpty();
    }

    [Fact]
    public async Task Audit_AfterASequence_IsReadPageByPageInOrder()
    {
        await _server.RegisterAsync("postgresql");
        await _server.RegisterAsync("mysql");
        var all = (await EntriesAsync("?after=0")).Select(entry => entry["sequence"]!.GetValue<long>()).ToList();

        all.ShouldBe(all.Order());
        (await EntriesAsync("?after=0&limit=1"))[0]["sequence"]!.GetValue<long>().ShouldBe(all[0]);
        var second = (await EntriesAsync($"?after={all[0]}&limit=1"))[0];
        second["sequence"]!.GetValue<long>().ShouldBe(all[1]);
        second["number"]!.GetValue<long>().ShouldBe(2);
        second["hash"]!.GetValue<string>().Length.ShouldBe(64);
    }

    [Theory]
    [InlineData("?instance=nothing", HttpStatusCode.NotFound)]
    [InlineData("?after=-1", HttpStatusCode.BadRequest)]
    [InlineData("?since=yesterday", HttpStatusCode.BadRequest)]
    public async Task Audit_WithAFilterThatIsNone_IsAProblem(string query, HttpStatusCode status) => (await _server.GetAsync($"/api/v1/audit{query}")).Status.ShouldBe(status);

    /// <summary>At every door, by its own way to sign in; the credential is never written down.</summary>
    [Theory]
    [InlineData("/api/v1/instances", "Bearer kt_canary-of-a-token", "native: Unknown token.")]
    [InlineData("/api/v1/instances", null, "native: No credential was shown.")]
    [InlineData("/v2/databases", "Bearer kt_canary-of-a-token", "digitalocean: Unknown token.")]
    [InlineData("/v2/redis/databases", "Basic b3BzOmNhbmFyeS1vZi1hLWtleQ==", "upstash: Unknown address or key.")]
    public async Task Failure_AtADoor_IsARowBeforeTheAnswer(string path, string? authorization, string detail)
    {
        (await KnockAsync(path, authorization)).ShouldBe(HttpStatusCode.Unauthorized);

        var entry = (await EntriesAsync("?action=authentication")).ShouldHaveSingleItem();
        (entry["principal"]!.GetValue<string>(), entry["outcome"]!.GetValue<string>(), entry["source"]!.GetValue<string>()).ShouldBe(("nobody", "refused", "127.0.0.1"));
        entry["detail"]!.GetValue<string>().ShouldBe(detail);
        entry["request_id"]!.GetValue<string>().Length.ShouldBeGreaterThan(8);
        entry.ToJsonString().ShouldNotContain("canary");
    }

    [Fact]
    public async Task Failures_InAFlood_AreFewRows_AndAllAreCounted()
    {
        const int Count = 200;
        for (var i = 0; i < Count; i++)
        {
            (await KnockAsync("/api/v1/instances", "Bearer kt_wrong")).ShouldBe(HttpStatusCode.Unauthorized);
        }

        await Eventually.ShouldAsync(async () => Told(await EntriesAsync("?action=authentication")) == Count);
        (await EntriesAsync("?action=authentication")).Count.ShouldBeLessThan(Count / 4);
    }

    [Fact]
    public async Task RefusalsOfACaller_InAFlood_AreAllCounted()
    {
        const int Count = 50;
        using var client = await _server.ClientAsync("keyturn:instance:read");
        for (var i = 0; i < Count; i++)
        {
            using var answer = await client.GetAsync("/api/v1/principals");
            answer.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        }

        await Eventually.ShouldAsync(async () => Told(await EntriesAsync("?action=access")) == Count);
        (await EntriesAsync("?action=access"))[^1]["detail"]!.GetValue<string>().ShouldBe("keyturn:principal:read: The credential's scopes leave keyturn:principal:read out.");
    }

    /// <summary>Design: if any of what prepare stores cannot be written, nothing is sent.</summary>
    [Fact]
    public async Task Reset_WhoseAuditRowCannotBeWritten_DoesNotHappen()
    {
        var instance = await _server.RegisterAsync("postgresql");
        _server.Postgres.Passwords["app"] = "before";
        await ExecuteAsync("CREATE TRIGGER audit_is_full BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'no room'); END");

        var (status, body) = await _server.PostAsync($"/api/v1/instances/{instance}/accounts/app/reset");

        status.ShouldBe(HttpStatusCode.ServiceUnavailable, body.ToJsonString());
        (_server.Postgres.Changes, _server.Postgres.Passwords["app"]).ShouldBe((0, "before"));
    }

    private static long Told(IReadOnlyList<JsonNode> entries) => entries.Sum(entry => entry["detail"]!.GetValue<string>().Split(' ') is [_, var count, "more", ..] ? long.Parse(count) : 1);

    /// <summary>Behind the store's back.</summary>
    private async Task ExecuteAsync(string sql)
    {
        await using var connection = new SqliteConnection($"Data Source={_server.Store.Place};Pooling=False");
        await connection.OpenAsync();
        await using var command = new SqliteCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    private async Task<HttpStatusCode> KnockAsync(string path, string? authorization)
    {
        using var request = _server.Request(HttpMethod.Get, path);
        request.Headers.TryAddWithoutValidation("Authorization", authorization);
        using var response = await _server.Anonymous.SendAsync(request);
        return response.StatusCode;
    }

    private async Task<IReadOnlyList<JsonNode>> EntriesAsync(string query)
    {
        var (status, body) = await _server.GetAsync($"/api/v1/audit{query}");
        status.ShouldBe(HttpStatusCode.OK, body.ToJsonString());
        return [.. body["entries"]!.AsArray().Select(entry => entry!)];
    }

    private async Task<IEnumerable<string>> ActionsAsync(string query) => (await EntriesAsync(query)).Select(entry => $"{entry["action"]} {entry["outcome"]}");
}
