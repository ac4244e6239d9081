using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Keyturn.Server.Tests.Dialects.DigitalOcean;

public sealed class DigitalOceanClusterTests : DigitalOceanTest
{
    private const string Attributes =
        """{"attributes":{"region":"nyc3","size":"db-s-2vcpu-4gb","endpoint":"db.public.example","database":"default db","storage-gib":"60"},"main_account":"do/admin"}""";

    [Fact]
    public async Task GetCluster_WithAttributes_ShowsThem()
    {
        await Server.SendAsync(HttpMethod.Patch, "/api/v1/instances/orders", Attributes);
        Server.Postgres.Passwords["do/admin"] = "before";
        await SendAsync("POST", $"/{Postgres}/users/do%2Fadmin/reset_auth");

        var answer = await SendAsync("GET", $"/{Postgres}");

        var password = Server.Postgres.Passwords["do/admin"];
        var connection =
            $$"""
            {"protocol":"postgresql","uri":"postgresql://do%2Fadmin:{{Uri.EscapeDataString(password)}}@db.public.example:5432/default%20db?sslmode=require","database":"default db",
            "host":"db.public.example","port":5432,"user":"do/admin","password":"{{password}}","ssl":true}
            """.ReplaceLineEndings("");
        answer.ShouldBe(
            $$"""
            200
            {{Headers}}
            {"database":{"id":"{{Postgres}}","name":"orders","engine":"pg","version":"15","semantic_version":"15.3","num_nodes":1,"size":"db-s-2vcpu-4gb","region":"nyc3","status":"online",
            """.ReplaceLineEndings("\n") +
            $$$"""
            "created_at":{{{Member(answer, "created_at")}}},"project_id":{{{Member(answer, "project_id")}}},"tags":[],"storage_size_mib":61440,"connection":{{{connection}}},"private_connection":{{{connection}}}}}
            """);
    }

    [Fact]
    public async Task GetCluster_TokenThatMayNotSeeCredentials_LeavesUserPasswordAndUriOut()
    {
        await Server.SendAsync(HttpMethod.Patch, "/api/v1/instances/shop", """{"main_account":"app"}""");
        await SendAsync("POST", $"/{MySql}/users/app/reset_auth");
        using var client = await Server.ClientAsync("database:read");

        var (hidden, shown) = (await SendAsync("GET", $"/{MySql}", client: client), await SendAsync("GET", $"/{MySql}"));

        hidden.ShouldContain(""" "connection":{"protocol":"mysql","host":"db.example","port":5432,"ssl":true} """.Trim());
        shown.ShouldContain($"mysql://app:{Uri.EscapeDataString(Server.MySql.Passwords["app"])}@db.example:5432?ssl-mode=REQUIRED");
    }

    [Fact]
    public async Task GetCluster_NoMainAccount_NamesTheAdminLoginAndKeepsItsPassword()
    {
        await SendAsync("POST", $"/{MySql}/users/admin/reset_auth");

        (await SendAsync("GET", $"/{MySql}")).ShouldContain(""" "connection":{"protocol":"mysql","host":"db.example","port":5432,"user":"admin","ssl":true} """.Trim());
    }

    [Fact]
    public async Task GetCluster_WhileAResetOfItsPrimaryUserIsOpen_IsAnsweredWithoutPassword()
    {
        await Server.SendAsync(HttpMethod.Patch, "/api/v1/instances/orders", """{"main_account":"app"}""");
        FallSilent(Server.Postgres);
        await SendAsync("POST", $"/{Postgres}/users/app/reset_auth");

        (await SendAsync("GET", $"/{Postgres}")).ShouldContain(""" "connection":{"protocol":"postgresql","host":"db.example","port":5432,"user":"app","ssl":true} """.Trim());
    }

    [Theory]
    [InlineData("creating", "creating")]
    [InlineData("modifying", "resizing")]
    [InlineData("restoring", "forking")]
    [InlineData("restarting", "online")]
    [InlineData("frozen", "online")]
    [InlineData("abnormal", "online")]
    [InlineData("storage-full", "online")]
    public async Task GetCluster_AnyStatus_IsOneOfTheirsAndAResetIsAConflict(string status, string shown)
    {
        await Server.SendAsync(HttpMethod.Patch, "/api/v1/instances/orders", $$"""{"status":"{{status}}"}""");

        (await Server.GetAsync($"/v2/databases/{Postgres}")).Body["database"]!["status"]!.GetValue<string>().ShouldBe(shown);
        (await SendAsync("POST", $"/{Postgres}/users/app/reset_auth")).ShouldStartWith("409\n");
        Server.Postgres.Changes.ShouldBe(0);
    }

    [Fact]
    public async Task GetCa_OfTheInstance_IsItsPemInBase64()
    {
        var pem = CaPem();
        var (status, body) = await Server.SendAsync(HttpMethod.Patch, "/api/v1/instances/orders", new JsonObject { ["tls"] = new JsonObject { ["ca"] = pem } }.ToJsonString());
        status.ShouldBe(HttpStatusCode.OK, body.ToJsonString());

        (await SendAsync("GET", $"/{Postgres}/ca")).ShouldBe($$$"""200{{{'\n'}}}{{{Headers}}}{{{'\n'}}}{"ca":{"certificate":"{{{Convert.ToBase64String(Encoding.UTF8.GetBytes(pem))}}}"}}""");
    }

    [Theory]
    [InlineData("/ID/ca")]
    [InlineData("/9cc10173-e9ea-4176-9dbc-a4cee4c4ff30/ca")]
    [InlineData("/9cc10173-e9ea-4176-9dbc-a4cee4c4ff30")]
    [InlineData("/orders")]
    [InlineData("/ID/firewall")]
    public async Task Get_NoneThere_IsNotFound(string path) =>
        (await SendAsync("GET", path.Replace("ID", MySql, StringComparison.Ordinal))).ShouldBe(Error(404, "not_found", "The resource you requested could not be found."));

    [Fact]
    public async Task AnyCall_WrongMethod_IsNotAllowed() =>
        (await SendAsync("DELETE", $"/{MySql}")).ShouldBe(
            Error(405, "method_not_allowed", "The method is not allowed for this resource.").Replace("Content-Type", "Allow: GET\nContent-Type", StringComparison.Ordinal));

    [Fact]
    public async Task AnyCall_OneTooManyInAMinute_IsRefusedWithTheTimeToWait()
    {
        for (var i = 0; i < 250; i++)
        {
            (await Server.GetAsync("/v2/databases")).Status.ShouldBe(HttpStatusCode.OK);
        }

        using var refused = await Server.Client.PostAsync($"/v2/databases/{MySql}/users/app/reset_auth", content: null);

        refused.StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
        refused.Headers.RetryAfter!.Delta!.Value.TotalSeconds.ShouldBeInRange(1, 60);
        refused.Headers.GetValues("ratelimit-remaining").ShouldBe(["0"]);
        JsonNode.Parse(await refused.Content.ReadAsStringAsync())!["message"]!.GetValue<string>().ShouldBe("API rate limit exceeded.");
        Server.MySql.Changes.ShouldBe(0);
    }

    private static string CaPem()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var now = TimeProvider.System.GetUtcNow();
        using var certificate = new CertificateRequest("CN=lab", key, HashAlgorithmName.SHA256).CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
        return certificate.ExportCertificatePem();
    }

    private static string Member(string answer, string name)
    {
        using var body = JsonDocument.Parse(answer[answer.IndexOf('{', StringComparison.Ordinal)..]);
        return body.RootElement.GetProperty("database").GetProperty(name).GetRawText();
    }
}
