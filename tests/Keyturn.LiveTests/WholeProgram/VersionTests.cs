using System.Net;
using System.Text.Json.Nodes;

namespace Keyturn.LiveTests.WholeProgram;

/// <summary>A reset by the API on each server that the lab has, judged by the vendor's own client.</summary>
[Trait(OnServerAttribute.LabTrait, "any")]
[Feature(Feature.WholeProgram)]
public sealed class VersionTests(RunningKeyturn keyturn) : IClassFixture<RunningKeyturn>
{
    public static TheoryData<string> Servers { get; } =
    [
        .. Lab.Known(
            "postgresql-15", "postgresql-17", "postgresql-18", "mysql-9.7", "mariadb-10.11", "mariadb-11.8", "redis-7", "redis-8", "valkey-8", "valkey-9")
            .DefaultIfEmpty("postgresql-15"),
    ];

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task AdoptResetVerify_ByTheApi_VendorsClientIsLetInWithTheNewPasswordOnly(string name)
    {
        await using var accounts = new LabAccounts(Lab.Server(name));
        var user = await accounts.CreateAsync();
        if (accounts.Server.Engine is "redis" or "valkey")
        {
            await accounts.ExecuteAsync($"ACL SETUSER {user} +ping");
        }

        var instance = await keyturn.Api.RegisterAsync(accounts.Server, new JsonObject { ["admin"] = KeyturnApi.Login(accounts.Server.Superuser) });
        (await keyturn.Api.AdoptAsync(instance, user, LabAccounts.OldPassword)).ShouldBe(HttpStatusCode.OK);
        var reset = await keyturn.Api.ResetAsync(instance, user);
        var verified = await keyturn.Api.PostAsync($"{KeyturnApi.PathOf(instance, user)}/verify", body: null);

        reset.ShouldBe(HttpStatusCode.OK);
        verified.ShouldBe(HttpStatusCode.OK);
        verified["verdict"].ShouldBe("verified");
        var letIn = await VendorClient.LogInAsync(accounts.Server, user, reset["password"]!);
        letIn.IsLetIn.ShouldBeTrue(letIn.Said);
        (await VendorClient.LogInAsync(accounts.Server, user, LabAccounts.OldPassword)).IsLetIn.ShouldBeFalse();
    }
}
