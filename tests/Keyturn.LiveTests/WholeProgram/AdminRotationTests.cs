using System.Net;
using System.Text.Json.Nodes;
using Keyturn.Engines;

namespace Keyturn.LiveTests.WholeProgram;

/// <summary>Keyturn's own passwords, which it changes on request: on real servers, by the real program, also when it is killed.</summary>
public sealed class AdminRotationTests : RotationTest
{
    [Theory]
    [MemberData(nameof(Servers))]
    public async Task RotateAdmin_OwnAdminLogin_WorksOnWithTheNewPassword(string server)
    {
        var accounts = Of(server);
        var user = await accounts.CreateAsync();
        var admin = await accounts.CreateAdminAsync(OutsideStatement.CreateAdmin);
        var instance = await Api.RegisterAsync(accounts.Server, new JsonObject { ["admin"] = KeyturnApi.Login(admin) });

        var rotated = await Api.PostAsync($"/api/v1/instances/{instance}/rotate-admin", body: null);

        rotated.ShouldBe(HttpStatusCode.OK);
        rotated["password"].ShouldBeNull();
        rotated.Body["reset"]!["nodes"]![0]!["proof"]!.ToString().ShouldBe("login");
        (await accounts.LoginAsync(admin.User, admin.Password)).ShouldBe(Login.WrongPassword);
        var held = (await Api.SecretAsync(instance, admin.User))["password"]!;
        (await accounts.LoginAsync(admin.User, held)).ShouldBe(Login.Accepted);
        (await Api.ResetAsync(instance, user)).ShouldBe(HttpStatusCode.OK);

        // Nothing that was warm, nothing that was remembered.
        await Keyturn.KillAsync();
        await Keyturn.StartAsync();
        (await Api.ResetAsync(instance, user)).ShouldBe(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData("postgresql-15", "Prepared")]
    [InlineData("postgresql-15", "Set")]
    [InlineData("mariadb-10.11", "Set")]
    [InlineData("redis-7", "Set")]
    public async Task RotateAdmin_KilledInTheMiddle_IsNotShutOut(string server, string hop)
    {
        var accounts = Of(server);
        var user = await accounts.CreateAsync();
        var admin = await accounts.CreateAdminAsync(OutsideStatement.CreateAdmin);
        var instance = await Api.RegisterAsync(accounts.Server, new JsonObject { ["admin"] = KeyturnApi.Login(admin) });
        await Keyturn.KillAsync();
        await Keyturn.StartAsync(pauseAt: hop);

        var rotation = Api.PostAsync($"/api/v1/instances/{instance}/rotate-admin", body: null);
        await Keyturn.UntilPausedAsync(hop, 1);
        await Keyturn.KillAsync();
        await Should.ThrowAsync<HttpRequestException>(rotation);
        await EndLeasesAsync();
        await Keyturn.StartAsync();

        (await Api.EndedResetsAsync(instance, admin.User)).ShouldHaveSingleItem()["state"]!.ToString().ShouldBe("done");
        var held = (await Api.SecretAsync(instance, admin.User))["password"]!;
        (await accounts.LoginAsync(admin.User, held)).ShouldBe(Login.Accepted);
        (await Api.ResetAsync(instance, user)).ShouldBe(HttpStatusCode.OK);
    }
}
