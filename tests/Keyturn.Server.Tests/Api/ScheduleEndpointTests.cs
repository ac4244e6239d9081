using System.Net;
using System.Text.Json.Nodes;

namespace Keyturn.Server.Tests.Api;

public sealed class ScheduleEndpointTests : IAsyncLifetime
{
    private const string Accounts = "/api/v1/instances/pg/accounts";
    private const string Schedule = $"{Accounts}/app/schedule";
    private RunningServer _server = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await RunningServer.StartAsync();
        await _server.RegisterAsync("postgresql", "pg");
        _server.Postgres.Passwords["app"] = "Pr3sent-password";
        await _server.PostAsync($"{Accounts}/app/adopt", """{"password":"Pr3sent-password"}""");
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task Get_Account_IsRotatedByHandOnlyByDefault()
    {
        var (status, answer) = await _server.GetAsync(Schedule);

        status.ShouldBe(HttpStatusCode.OK);
        answer.ToJsonString().ShouldBe("""{"scheduled":false}""");
        (await ListedAsync())["schedule"].ShouldBeNull();
    }

    [Fact]
    public async Task Put_Days_IsShownWithTheAccountAndRotatesNothing()
    {
        var (status, answer) = await PutAsync("""{"every_days":30}""");

        status.ShouldBe(HttpStatusCode.OK, answer.ToJsonString());
        var due = answer["due_at"]!.GetValue<DateTimeOffset>() - TimeProvider.System.GetUtcNow();
        due.ShouldBeInRange(TimeSpan.FromDays(30) - TimeSpan.FromMinutes(1), TimeSpan.FromDays(30));
        (await _server.GetAsync(Schedule)).Body.ToJsonString().ShouldBe(answer.ToJsonString());
        (await ListedAsync())["schedule"]!["every_days"]!.GetValue<int>().ShouldBe(30);
        (await _server.GetAsync($"{Accounts}/app")).Body["schedule"]!["scheduled"]!.GetValue<bool>().ShouldBeTrue();
        _server.Postgres.Changes.ShouldBe(0);
        (await _server.GetAsync("/api/v1/audit?limit=1")).Body["entries"]![0]!["action"]!.GetValue<string>().ShouldBe("account.schedule");
    }

    [Fact]
    public async Task Delete_Schedule_LeavesTheAccountToHands()
    {
        await PutAsync("""{"every_days":30}""");

        (await _server.SendAsync(HttpMethod.Delete, Schedule, body: null)).Status.ShouldBe(HttpStatusCode.NoContent);
        (await _server.SendAsync(HttpMethod.Delete, Schedule, body: null)).Status.ShouldBe(HttpStatusCode.NoContent);

        (await _server.GetAsync(Schedule)).Body["scheduled"]!.GetValue<bool>().ShouldBeFalse();
    }

    [Fact]
    public async Task Reset_ByHand_CountsAnew()
    {
        var (_, before) = await PutAsync("""{"every_days":30}""");

        await _server.PostAsync($"{Accounts}/app/reset");

        (await _server.GetAsync(Schedule)).Body["due_at"]!.GetValue<DateTimeOffset>().ShouldBeGreaterThan(before["due_at"]!.GetValue<DateTimeOffset>());
    }

    [Theory]
    [InlineData(Schedule, "{}", "malformed", 400)]
    [InlineData(Schedule, """{"every_days":"30"}""", "malformed", 400)]
    [InlineData(Schedule, """{"every_days":0}""", "invalid-request", 422)]
    [InlineData($"{Accounts}/nobody/schedule", """{"every_days":30}""", "secret-missing", 404)]
    [InlineData($"{Accounts}/pg_monitor/schedule", """{"every_days":30}""", "protected", 403)]
    [InlineData("/api/v1/instances/none/accounts/app/schedule", """{"every_days":30}""", "instance-missing", 404)]
    public async Task Put_WhatCannotBe_IsRefused(string path, string body, string slug, int status)
    {
        using var response = await _server.Client.SendAsync(_server.Request(HttpMethod.Put, path, body));

        await response.ProblemAsync(slug, status);
    }

    [Fact]
    public async Task Put_CredentialThatMayOnlyRead_IsForbidden()
    {
        using var client = await _server.ClientAsync("keyturn:account:read");

        using var response = await client.SendAsync(_server.Request(HttpMethod.Put, Schedule, """{"every_days":30}"""));

        await response.ProblemAsync("forbidden", 403);
    }

    private Task<(HttpStatusCode Status, JsonNode Body)> PutAsync(string body) => _server.SendAsync(HttpMethod.Put, Schedule, body);

    private async Task<JsonNode> ListedAsync() =>
        (await _server.GetAsync(Accounts)).Body["accounts"]!.AsArray().Single(account => account!["name"]!.GetValue<string>() == "app")!;
}
