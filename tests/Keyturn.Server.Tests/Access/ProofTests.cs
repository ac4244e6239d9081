namespace Keyturn.Server.Tests.Access;

/// <summary>How resets are proved is stored with the account: who may only reset, adopt, make or import accounts does not change it on the way.</summary>
public sealed class ProofTests : IAsyncLifetime
{
    private const string Accounts = "/api/v1/instances/postgresql/accounts";

    private static readonly string[] WithoutChange = ["keyturn:account:reset", "keyturn:account:adopt", "keyturn:account:create", "keyturn:account:read"];

    private RunningServer _server = null!;
    private HttpClient _client = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await RunningServer.StartAsync();
        await _server.RegisterAsync("postgresql");
        _server.Postgres.Passwords["app"] = _server.Postgres.Passwords["other"] = _server.Postgres.Passwords["free"] = "before";
        await _server.PostAsync($"{Accounts}/app/adopt", """{"password":"before"}""");
        await _server.PostAsync($"{Accounts}/other/adopt", """{"password":"before","proof":"readback"}""");
        _client = await _server.ClientAsync(WithoutChange);
    }

    public ValueTask DisposeAsync()
    {
        _client.Dispose();
        return _server.DisposeAsync();
    }

    [Theory]
    [InlineData("accounts/app/reset", """{"proof":"none"}""", "app", "login")]
    [InlineData("accounts/app/reset", """{"proof":"readback"}""", "app", "login")]
    [InlineData("accounts/other/reset", """{"proof":"login"}""", "other", "readback")]
    [InlineData("accounts/free/reset", """{"proof":"none"}""", "free", null)]
    [InlineData("accounts/app/adopt", """{"password":"before","proof":"readback"}""", "app", "login")]
    [InlineData("accounts/free/adopt", """{"password":"before","proof":"readback"}""", "free", null)]
    [InlineData("accounts", """{"user":"new","proof":"none"}""", "new", null)]
    [InlineData("import", """{"accounts":[{"user":"free","proof":"none"}]}""", "free", null)]
    public async Task AnotherProof_WithoutTheRight_IsRefusedAndNothingIsChanged(string path, string body, string account, string? proof)
    {
        var changes = _server.Postgres.Changes;

        using var refused = await _client.SendAsync(_server.Request(HttpMethod.Post, $"/api/v1/instances/postgresql/{path}", body));

        (await refused.ProblemAsync("forbidden", 403))["detail"]!.GetValue<string>().ShouldContain("keyturn:account:change");
        _server.Postgres.Changes.ShouldBe(changes);
        (await ProofAsync(account)).ShouldBe(proof);

        using var allowed = await _server.ClientAsync([.. WithoutChange, "keyturn:account:change"]);
        using var done = await allowed.SendAsync(_server.Request(HttpMethod.Post, $"/api/v1/instances/postgresql/{path}", body));
        done.IsSuccessStatusCode.ShouldBeTrue(await done.Content.ReadAsStringAsync());
    }

    [Theory]
    [InlineData("accounts/app/reset", """{"proof":"login"}""")]
    [InlineData("accounts/app/reset", "{}")]
    [InlineData("accounts/other/reset", """{"proof":"readback"}""")]
    [InlineData("accounts/other/reset", "{}")]
    [InlineData("accounts/free/reset", """{"proof":"login"}""")]
    [InlineData("accounts/other/adopt", """{"password":"before","proof":"readback"}""")]
    [InlineData("accounts", """{"user":"new","proof":"login"}""")]
    [InlineData("import", """{"accounts":[{"user":"free"},{"user":"other"},{"user":"other","proof":"readback"}]}""")]
    public async Task TheSameProof_NeedsNoOtherRight(string path, string body)
    {
        using var done = await _client.SendAsync(_server.Request(HttpMethod.Post, $"/api/v1/instances/postgresql/{path}", body));

        done.IsSuccessStatusCode.ShouldBeTrue(await done.Content.ReadAsStringAsync());
        (await ProofAsync("app"), await ProofAsync("other")).ShouldBe(("login", "readback"));
    }

    private async Task<string?> ProofAsync(string account) =>
        (await _server.GetAsync(Accounts)).Body["accounts"]!.AsArray().SingleOrDefault(one => one!["user"]!.GetValue<string>() == account)?["proof"]?.GetValue<string>();
}
