using System.Net;
using Keyturn.Engines;

namespace Keyturn.Server.Tests.Api;

public sealed class RotateAdminTests : IAsyncLifetime
{
    private const string Path = "/api/v1/instances/pg/rotate-admin";
    private RunningServer _server = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await RunningServer.StartAsync();
        await _server.RegisterAsync("postgresql", "pg");
        _server.Postgres.Passwords["app"] = "Pr3sent-password";
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task Rotate_Admin_GetsAPasswordThatIsUsedFromThenOnAndNotShown()
    {
        var (status, answer) = await _server.PostAsync(Path);

        status.ShouldBe(HttpStatusCode.OK, answer.ToJsonString());
        answer["reset"]!["account"]!.GetValue<string>().ShouldBe("admin");
        var rotated = _server.Postgres.Passwords["admin"];
        rotated.ShouldNotBe("Adm1n-Pa55word");
        answer.ToJsonString().ShouldNotContain(rotated);
        (await _server.PostAsync("/api/v1/instances/pg/accounts/app/reset")).Status.ShouldBe(HttpStatusCode.OK);
        (await _server.GetAsync("/api/v1/instances/pg/accounts/admin/secret")).Body["password"]!.GetValue<string>().ShouldBe(rotated);
    }

    [Fact]
    public async Task Rotate_RevealAsked_ShowsItToWhomMayReveal()
    {
        using var client = await _server.ClientAsync("keyturn:instance:rotate-admin");
        using var refused = await client.SendAsync(_server.Request(HttpMethod.Post, Path, """{"reveal":true}"""));
        (await refused.ProblemAsync("forbidden", 403))["detail"]!.GetValue<string>().ShouldContain("keyturn:account:reveal");
        _server.Postgres.Passwords["admin"].ShouldBe("Adm1n-Pa55word");

        (await _server.PostAsync(Path, """{"reveal":true}""")).Body["password"]!.GetValue<string>().ShouldBe(_server.Postgres.Passwords["admin"]);
        using var silent = await client.SendAsync(_server.Request(HttpMethod.Post, Path));
        silent.StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Rotate_SameKeyTwice_IsOneRotation()
    {
        var changes = _server.Postgres.Changes;
        for (var call = 0; call < 2; call++)
        {
            var request = _server.Request(HttpMethod.Post, Path);
            request.Headers.Add("Idempotency-Key", "monthly-2026-11");
            using var response = await _server.Client.SendAsync(request);
            response.StatusCode.ShouldBe(HttpStatusCode.OK);
        }

        _server.Postgres.Changes.ShouldBe(changes + 1);
    }

    [Fact]
    public async Task Rotate_ServerRefuses_TheOldOneStaysInUse()
    {
        _server.Postgres.OnChange = () => ChangeResult.Refused(EngineError.AdminLacksPrivilege, "no");

        using var response = await _server.Client.SendAsync(_server.Request(HttpMethod.Post, Path));

        await response.ProblemAsync("engine", 424);
        _server.Postgres.OnChange = null;
        (await _server.PostAsync("/api/v1/instances/pg/accounts/app/reset")).Status.ShouldBe(HttpStatusCode.OK);
    }
}
