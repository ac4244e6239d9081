using System.Net;
using System.Text.Json.Nodes;

namespace Keyturn.LiveTests.WholeProgram;

/// <summary>What is wrong with a server is said when it is registered, each with its own cause and next step; nothing is kept.</summary>
public sealed class RegistrationCauseTests(RunningKeyturn keyturn) : IClassFixture<RunningKeyturn>
{
    public static TheoryData<string> Servers { get; } = ["postgresql-15", "mariadb-10.11", "mysql-9.7", "redis-7", "valkey-9"];

    private KeyturnApi Api => keyturn.Api;

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task Register_NameThatDoesNotResolve_IsNameNotResolved(string server) =>
        await ShouldBeRefusedAsync(server, "name-not-resolved", At("no-such-host.invalid", Lab.Server(server).Port));

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task Register_ClosedPort_IsUnreachable(string server) =>
        await ShouldBeRefusedAsync(server, "unreachable", At(Lab.Server(server).Host, await ClosedPortAsync(server)));

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task Register_CaThatDidNotSignTheServer_IsTlsRejected(string server)
    {
        Lab.Server(server);
        await ShouldBeRefusedAsync(server, "tls-rejected", OtherCa());
    }

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task Register_WrongAdminPassword_IsAdminLoginRefused(string server) =>
        await ShouldBeRefusedAsync(
            server, "admin-login-refused", new JsonObject { ["admin"] = KeyturnApi.Login(Lab.Server(server).Admin with { Password = "Wrong-2 canary" }) });

    [Fact]
    public async Task Register_Replica_IsReadOnlyNode() => await ShouldBeRefusedAsync("postgresql-15-replica", "read-only-node", []);

    [Fact]
    public async Task Register_Pooler_IsUnsupported() => await ShouldBeRefusedAsync("pgbouncer-15", "unsupported", []);

    [Fact]
    public async Task Change_ToWhatCannotBeReached_KeepsTheRegistration()
    {
        var server = Lab.Server("postgresql-15");
        var instance = await Api.RegisterAsync(server);
        var path = $"/api/v1/instances/{instance}";

        (await Api.SendAsync(HttpMethod.Patch, path, At("no-such-host.invalid", server.Port))).ShouldBeRefused(HttpStatusCode.FailedDependency, "name-not-resolved");
        (await Api.SendAsync(HttpMethod.Patch, path, OtherCa())).ShouldBeRefused(HttpStatusCode.FailedDependency, "tls-rejected");

        var kept = await Api.GetAsync(path);
        kept["revision"].ShouldBe("1");
        kept.Body["nodes"]![0]!["host"]!.ToString().ShouldBe(server.Host);
        kept.Body["tls"]!["ca"]!.ToString().ShouldBe(Lab.CaPem);
    }

    private static JsonObject At(string host, int port) => new() { ["nodes"] = new JsonArray(KeyturnApi.NodeAt(host, port)) };

    private static JsonObject OtherCa() => new() { ["tls"] = new JsonObject { ["ca"] = Lab.OtherCaPem } };

    private static async Task<int> ClosedPortAsync(string server)
    {
        await using var closed = new StallingProxy(new DnsEndPoint(Lab.Server(server).Host, Lab.Server(server).Port));
        return closed.Port;
    }

    private async Task ShouldBeRefusedAsync(string server, string cause, JsonObject changes)
    {
        changes["name"] = $"i{Guid.NewGuid():N}";
        (await Api.TryRegisterAsync(Lab.Server(server), changes)).ShouldBeRefused(HttpStatusCode.FailedDependency, cause);
        (await Api.GetAsync($"/api/v1/instances/{changes["name"]}")).ShouldBe(HttpStatusCode.NotFound);
    }
}
