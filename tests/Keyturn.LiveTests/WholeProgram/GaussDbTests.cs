using System.Net;
using System.Text;
using System.Text.Json.Nodes;

namespace Keyturn.LiveTests.WholeProgram;

/// <summary>GaussDB's calls on real servers, from the sign-in on: what comes out of them is judged by the vendor's own client.</summary>
public abstract class GaussDbTests(RunningKeyturn keyturn, string server) : IClassFixture<RunningKeyturn>, IAsyncDisposable
{
    private const string SignInPassword = "S1gn-in-here-please";
    private const string New = "Kupfer_7-Wagen";
    private readonly LabAccounts _accounts = new(Lab.Server(server));

    /// <summary>The documents' sample.</summary>
    [Fact]
    public async Task ResetPassword_OfTheAdministrator_IsAnEmptyObjectAndLetsTheClientIn()
    {
        var administrator = await _accounts.CreateAsync();
        var cloud = await SignInAsync(new JsonObject { ["main_account"] = administrator });

        using var response = await cloud.SendAsync(HttpMethod.Post, $"/mysql/v3/{cloud.Project}/instances/{cloud.Instance}/password", """{"password":"Test_345612"}""");

        (await response.Content.ReadAsStringAsync()).ShouldBe("{}");
        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        await ShouldLetInAsync(administrator, "Test_345612");
        await ShouldRefuseAsync(administrator, LabAccounts.OldPassword);
        var detail = await cloud.ReadAsync(HttpMethod.Get, $"/v3/{cloud.Project}/instances/{cloud.Instance}");
        detail["instance"]!["db_user_name"]!.ToString().ShouldBe(administrator);
        detail["instance"]!["status"]!.ToString().ShouldBe("ACTIVE");
    }

    /// <summary>As Terraform's account resource goes: made, read, another password, gone; after each change the job.</summary>
    [Fact]
    public async Task DbUsers_FromCreationToDrop_AreWhatTheServerHas()
    {
        var cloud = await SignInAsync();
        var user = LabAccounts.NewUser();
        _accounts.Remember(user);

        await cloud.ChangeAsync(HttpMethod.Post, "", $$"""{"users":[{"name":"{{user}}","password":"{{New}}","hosts":["%","10.9.8.%"]}]}""", HttpStatusCode.Created);
        await ShouldLetInAsync(user, New);
        (await cloud.HostsAsync(user)).ShouldBe(["%", "10.9.8.%"]);

        await cloud.ChangeAsync(HttpMethod.Put, "/password", $$"""{"users":[{"name":"{{user}}","host":"%","password":"Blatt+9_Regen"}]}""", HttpStatusCode.Accepted);
        await ShouldLetInAsync(user, "Blatt+9_Regen");
        await ShouldRefuseAsync(user, New);

        await cloud.ChangeAsync(HttpMethod.Delete, "", $$"""{"users":[{"name":"{{user}}","host":"10.9.8.%"},{"name":"{{user}}","host":"%"}]}""", HttpStatusCode.Accepted);
        await ShouldRefuseAsync(user, "Blatt+9_Regen");
        (await cloud.HostsAsync(user)).ShouldBeEmpty();
    }

    /// <summary>The server lets Keyturn in by the narrower row, whose password is another: the stored verifier is the proof of the wider one.</summary>
    [Fact]
    public async Task DbUsers_WiderOfTwoRows_IsResetAlthoughNobodyLogsInByItFromHere()
    {
        var cloud = await SignInAsync();
        var user = LabAccounts.NewUser();
        _accounts.Remember(user);
        await cloud.ChangeAsync(HttpMethod.Post, "", $$"""{"users":[{"name":"{{user}}","password":"{{New}}","hosts":["127.0.0.1"]}]}""", HttpStatusCode.Created);

        await cloud.ChangeAsync(HttpMethod.Post, "", $$"""{"users":[{"name":"{{user}}","password":"Blatt-9_Regen","hosts":["%"]}]}""", HttpStatusCode.Created);
        await cloud.ChangeAsync(HttpMethod.Put, "/password", $$"""{"users":[{"name":"{{user}}","host":"%","password":"Blatt-8_Regen"}]}""", HttpStatusCode.Accepted);

        await ShouldLetInAsync(user, New);
        await cloud.ChangeAsync(HttpMethod.Delete, "", $$"""{"users":[{"name":"{{user}}","host":"127.0.0.1"}]}""", HttpStatusCode.Accepted);
        await ShouldLetInAsync(user, "Blatt-8_Regen");
    }

    [Fact]
    public async Task Job_AfterTheProgramIsKilled_IsStillCompleted()
    {
        var cloud = await SignInAsync();
        var user = await _accounts.CreateAsync();
        var job = await cloud.ChangeAsync(HttpMethod.Put, "/password", $$"""{"users":[{"name":"{{user}}","host":"%","password":"{{New}}"}]}""", HttpStatusCode.Accepted);

        await keyturn.Process.KillAsync();
        await keyturn.Process.StartAsync();

        (await (cloud with { Address = keyturn.Process.Address }).JobAsync(job))["status"]!.ToString().ShouldBe("Completed");
    }

    public async ValueTask DisposeAsync()
    {
        await _accounts.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    private async Task ShouldLetInAsync(string user, string password) => (await VendorClient.LogInAsync(_accounts.Server, user, password)).IsLetIn.ShouldBeTrue();

    private async Task ShouldRefuseAsync(string user, string password) => (await VendorClient.LogInAsync(_accounts.Server, user, password)).Said.ShouldContain("Access denied");

    /// <summary>A principal with a password, its session, and an instance of its project.</summary>
    private async Task<Cloud> SignInAsync(JsonObject? instance = null)
    {
        var name = await keyturn.Api.RegisterAsync(_accounts.Server, instance);
        var id = (await keyturn.Api.GetAsync($"/api/v1/instances/{name}"))["id"]!;
        var project = await keyturn.Api.GetAsync("/api/v1/project");
        var user = LabAccounts.NewUser();
        (await keyturn.Api.PostAsync("/api/v1/principals", new JsonObject { ["name"] = user, ["owner"] = true })).ShouldBe(HttpStatusCode.Created);
        (await keyturn.Api.PostAsync($"/api/v1/principals/{user}/credentials", new JsonObject { ["kind"] = "password", ["password"] = SignInPassword }))
            .ShouldBe(HttpStatusCode.Created);
        var identity = new JsonObject { ["name"] = user, ["password"] = SignInPassword, ["domain"] = new JsonObject { ["name"] = project["name"] } };
        var body = new JsonObject
        {
            ["auth"] = new JsonObject
            {
                ["identity"] = new JsonObject { ["methods"] = new JsonArray("password"), ["password"] = new JsonObject { ["user"] = identity } },
                ["scope"] = new JsonObject { ["project"] = new JsonObject { ["name"] = project["region"] } },
            },
        };
        using var client = new HttpClient { BaseAddress = keyturn.Process.Address };
        using var response = await client.PostAsync("/v3/auth/tokens", new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json"));
        response.StatusCode.ShouldBe(HttpStatusCode.Created, await response.Content.ReadAsStringAsync());
        var token = response.Headers.GetValues("X-Subject-Token").Single();
        return new Cloud(keyturn.Process.Address, token, Guid.Parse(project["id"]!).ToString("N"), $"{Guid.Parse(id):N}in07");
    }

    /// <summary>The service as a signed-in client calls it.</summary>
    private sealed record Cloud(Uri Address, string Token, string Project, string Instance)
    {
        public async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, string? body = null)
        {
            using var client = new HttpClient { BaseAddress = Address };
            using var request = new HttpRequestMessage(method, path);
            request.Headers.Add("X-Auth-Token", Token);
            request.Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json");
            return await client.SendAsync(request);
        }

        public async Task<JsonNode> ReadAsync(HttpMethod method, string path, string? body = null, HttpStatusCode status = HttpStatusCode.OK)
        {
            using var response = await SendAsync(method, path, body);
            var text = await response.Content.ReadAsStringAsync();
            response.StatusCode.ShouldBe(status, text);
            return JsonNode.Parse(text)!;
        }

        /// <summary>A change of users; its job is completed when it is first asked for.</summary>
        public async Task<string> ChangeAsync(HttpMethod method, string operation, string body, HttpStatusCode status)
        {
            var answer = await ReadAsync(method, $"/v3/{Project}/instances/{Instance}/db-users{operation}", body, status);
            var job = await JobAsync(answer["job_id"]!.ToString());
            job["status"]!.ToString().ShouldBe("Completed", job.ToJsonString());
            return answer["job_id"]!.ToString();
        }

        public async Task<JsonNode> JobAsync(string id) => (await ReadAsync(HttpMethod.Get, $"/v3/{Project}/jobs?id={id}"))["job"]!;

        /// <summary>The hosts of a user's rows. Pages as large as there are: other tests make and drop users, so that what two pages tell is not of one time.</summary>
        public async Task<IReadOnlyList<string>> HostsAsync(string user)
        {
            const int Largest = 100;
            var hosts = new List<string>();
            for (var (offset, total) = (0, 1); offset < total; offset += Largest)
            {
                var page = await ReadAsync(HttpMethod.Get, $"/v3/{Project}/instances/{Instance}/db-users?offset={offset}&limit={Largest}");
                var users = page["users"]!.AsArray();
                total = page["total_count"]!.GetValue<int>();
                users.Count.ShouldBe(Math.Clamp(total - offset, 0, Largest));
                hosts.AddRange(users.Where(row => row!["name"]!.ToString() == user).Select(row => row!["host"]!.ToString()));
            }

            return hosts;
        }
    }
}

public sealed class GaussDbOnMySqlTests(RunningKeyturn keyturn) : GaussDbTests(keyturn, "mysql-9.7");

public sealed class GaussDbOnMariaDbTests(RunningKeyturn keyturn) : GaussDbTests(keyturn, "mariadb-10.11");
