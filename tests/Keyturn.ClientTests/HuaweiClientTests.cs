using System.Net;
using System.Text.Json.Nodes;
using Keyturn.Engines;

namespace Keyturn.ClientTests;

/// <summary>The core of Huawei's SDK for Node.js: its own signer and error reader, against real databases.</summary>
public sealed class HuaweiClientTests(KeyturnOverTls keyturn) : IClassFixture<KeyturnOverTls>, IDisposable
{
    private const string NewPassword = "Rekey_New-2026!";
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("keyturn-huawei-");

    /// <summary>What the SDK is given. The project is its id, or its region's name.</summary>
    private sealed record Signer(string AccessKey, string SecretKey, string Project);

    public static TheoryData<string> Servers { get; } = ["mariadb-10.11", "mysql-9.7"];

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task ResetDdmUserPassword_Signed_TheDatabaseTakesIt(string server)
    {
        await using var accounts = new LabAccounts(Lab.Server(server));
        var user = await accounts.CreateAsync();
        var id = await RegisterAsync(accounts.Server, user);

        var run = await SendAsync("POST", $"/v3/{{project_id}}/instances/{id}in09/users/{user}/password", await SignerAsync(), $$"""{"password":"{{NewPassword}}"}""");

        run.Json["httpStatusCode"]!.GetValue<int>().ShouldBe(200, run.Output);
        (await accounts.LoginAsync(user, NewPassword)).ShouldBe(Login.Accepted);
        (await accounts.LoginAsync(user, LabAccounts.OldPassword)).ShouldBe(Login.WrongPassword);
    }

    [Theory]
    [InlineData("/mysql/v3")]
    [InlineData("/v3")]
    public async Task ResetGaussMySqlPassword_Signed_TheDatabaseTakesIt(string version)
    {
        await using var accounts = new LabAccounts(Lab.Server("mysql-9.7"));
        var user = await accounts.CreateAsync();
        var id = await RegisterAsync(accounts.Server, user);

        var run = await SendAsync("POST", $"{version}/{{project_id}}/instances/{id}in07/password", await SignerAsync(), $$"""{"password":"{{NewPassword}}"}""");

        run.Json["httpStatusCode"]!.GetValue<int>().ShouldBe(200, run.Output);
        (await accounts.LoginAsync(user, NewPassword)).ShouldBe(Login.Accepted);
    }

    [Fact]
    public async Task Reads_SignedQuery_AreUnderstood()
    {
        await using var accounts = new LabAccounts(Lab.Server("mariadb-10.11"));
        var id = await RegisterAsync(accounts.Server, await accounts.CreateAsync());
        var signer = await SignerAsync();

        var ddm = await SendAsync("GET", "/v1/{project_id}/instances?offset=0&limit=100", signer);
        var gauss = await SendAsync("GET", "/mysql/v3/{project_id}/instances?offset=0&limit=100", signer);
        var dds = await SendAsync("GET", "/v3/{project_id}/instances?datastore_type=DDS-Community&offset=0&limit=100", signer);

        ddm.Json["instances"]!.AsArray().ShouldContain(instance => instance!["id"]!.ToString() == id + "in09");
        gauss.Json["instances"]!.AsArray().ShouldContain(instance => instance!["id"]!.ToString() == id + "in07");
        dds.Json["total_count"]!.GetValue<int>().ShouldBe(0);
    }

    [Fact]
    public async Task ProjectUnknown_TheClientAsksIamForTheRegions()
    {
        await using var accounts = new LabAccounts(Lab.Server("mariadb-10.11"));
        var id = await RegisterAsync(accounts.Server, await accounts.CreateAsync());
        var region = (await keyturn.Api.GetAsync("/api/v1/project"))["region"]!;

        var run = await SendAsync("GET", "/v1/{project_id}/instances", (await SignerAsync()) with { Project = region });

        run.Json["instances"]!.AsArray().ShouldContain(instance => instance!["id"]!.ToString() == id + "in09");
    }

    [Fact]
    public async Task WrongSecretKey_IsRefusedInWordsThatTheClientReads()
    {
        await using var accounts = new LabAccounts(Lab.Server("mariadb-10.11"));
        var user = await accounts.CreateAsync();
        var id = await RegisterAsync(accounts.Server, user);

        var run = await SendAsync("POST", $"/v3/{{project_id}}/instances/{id}in09/users/{user}/password", (await SignerAsync()) with { SecretKey = "not-the-key" }, $$"""{"password":"{{NewPassword}}"}""");

        run.Json["httpStatusCode"]!.GetValue<int>().ShouldBe(401, run.Output);
        run.Json["errorCode"]!.ToString().ShouldBe("APIGW.0301");
        run.Json["requestId"]!.ToString().ShouldNotBeEmpty();
        (await accounts.LoginAsync(user, LabAccounts.OldPassword)).ShouldBe(Login.Accepted);
    }

    [Fact]
    public async Task DatabaseRefusal_IsReadByTheClient()
    {
        await using var accounts = new LabAccounts(Lab.Server("mariadb-10.11"));
        var id = await RegisterAsync(accounts.Server, await accounts.CreateAsync());

        var run = await SendAsync("POST", $"/v3/{{project_id}}/instances/{id}in09/users/nobody/password", await SignerAsync(), $$"""{"password":"{{NewPassword}}"}""");

        run.Json["httpStatusCode"]!.GetValue<int>().ShouldBe(400, run.Output);
        run.Json["errorCode"]!.ToString().ShouldBe("DBS.300327");
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private async Task<string> RegisterAsync(LabServer server, string mainAccount) =>
        (await keyturn.RegisterAsync(server, new JsonObject { ["main_account"] = mainAccount })).Replace("-", "", StringComparison.Ordinal);

    /// <summary>A principal with an access key.</summary>
    private async Task<Signer> SignerAsync()
    {
        var name = $"p{Guid.NewGuid():N}";
        (await keyturn.Api.PostAsync("/api/v1/principals", new JsonObject { ["name"] = name, ["owner"] = true })).ShouldBe(HttpStatusCode.Created);
        var key = await keyturn.Api.PostAsync($"/api/v1/principals/{name}/credentials", new JsonObject { ["kind"] = "access-key" });
        key.ShouldBe(HttpStatusCode.Created);
        var project = await keyturn.Api.GetAsync("/api/v1/project");
        return new Signer(key.Body["credential"]!["public_id"]!.ToString(), key["secret"]!, Guid.Parse(project["id"]!).ToString("N"));
    }

    private async Task<ClientRun> SendAsync(string method, string path, Signer signer, params string[] body)
    {
        var file = Path.Combine(_folder.FullName, "credentials");
        await File.WriteAllTextAsync(file, $"{signer.AccessKey}\n{signer.SecretKey}\n{signer.Project}");
        return await Client.NodeAsync(keyturn.Process, "huawei.mjs", [method, path, file, .. body]);
    }
}
