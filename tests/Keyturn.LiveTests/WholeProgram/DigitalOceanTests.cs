using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Keyturn.Engines;

namespace Keyturn.LiveTests.WholeProgram;

/// <summary>DigitalOcean's <c>reset_auth</c> on a real MySQL, as its documentation and its clients call it.</summary>
public sealed class DigitalOceanTests(RunningKeyturn keyturn) : IClassFixture<RunningKeyturn>, IAsyncDisposable
{
    private const string Doctl = "doctl/0.0.0-dev (linux amd64) godo/1.202.0";
    private const string Pydo = "azsdk-python-pydo/0.34.0 Python/3.11.2 (Linux-6.1.0-x86_64-with-glibc2.36)";
    private readonly LabAccounts _accounts = new(Lab.Server("mysql-9.7"));

    /// <summary>The documentation's sample, with another address.</summary>
    [Fact]
    public async Task ResetAuth_CurlOfTheDocumentation_AnswersAPasswordThatLogsIn()
    {
        var (cluster, user) = await RegisterAsync();

        var answer = await CurlAsync(
            "-X", "POST",
            "-H", "Content-Type: application/json",
            "-H", $"Authorization: Bearer {keyturn.Process.Token}",
            "-d", """{"mysql_settings":{"auth_plugin": "caching_sha2_password"}}""",
            $"{keyturn.Process.Address}v2/databases/{cluster}/users/{user}/reset_auth");

        await ShouldBeResetAsync(answer, user);
    }

    /// <summary>doctl and godo: the cluster is read for its engine, then the reset is posted, with a line break after the body.</summary>
    [Fact]
    public async Task ResetAuth_AsDoctlCalls_AnswersAPasswordThatLogsIn()
    {
        var (cluster, user) = await RegisterAsync();

        using var read = Request(HttpMethod.Get, $"/v2/databases/{cluster}", Doctl);
        (await SendAsync(read))["database"]!["engine"]!.ToString().ShouldBe("mysql");
        using var reset = Request(HttpMethod.Post, $"/v2/databases/{cluster}/users/{user}/reset_auth", Doctl);
        reset.Content = Json("""{"mysql_settings":{"auth_plugin":"caching_sha2_password"}}""" + "\n");

        await ShouldBeResetAsync(await SendAsync(reset), user);
    }

    /// <summary>pydo runs on azure-core, which names each request.</summary>
    [Fact]
    public async Task ResetAuth_AsPydoCalls_AnswersAPasswordThatLogsInAndTheReadShowsIt()
    {
        var (cluster, user) = await RegisterAsync();

        using var reset = Request(HttpMethod.Post, $"/v2/databases/{cluster}/users/{user}/reset_auth", Pydo);
        reset.Headers.Add("x-ms-client-request-id", Guid.NewGuid().ToString());
        reset.Content = Json("""{"mysql_settings": {"auth_plugin": "caching_sha2_password"}}""");
        var answer = await SendAsync(reset);
        await ShouldBeResetAsync(answer, user);

        using var read = Request(HttpMethod.Get, $"/v2/databases/{cluster}/users/{user}", Pydo);
        (await SendAsync(read))["user"]!["password"]!.ToString().ShouldBe(answer["user"]!["password"]!.ToString());
    }

    /// <summary>What Terraform does in the life of a user: add, read, delete.</summary>
    [Theory]
    [InlineData("mysql-9.7", """{"name":"NAME","mysql_settings":{"auth_plugin":"caching_sha2_password"}}""")]
    [InlineData("mariadb-10.11", """{"name":"NAME","mysql_settings":{"auth_plugin":"mysql_native_password"}}""")]
    [InlineData("postgresql-15", """{"name":"NAME"}""")]
    public async Task AddUser_ThenDelete_LogsInUntilThen(string name, string body)
    {
        await using var accounts = new LabAccounts(Lab.Server(name));
        var user = LabAccounts.NewUser();
        var instance = await keyturn.Api.RegisterAsync(accounts.Server);
        var users = $"/v2/databases/{(await keyturn.Api.GetAsync($"/api/v1/instances/{instance}"))["id"]}/users";

        var added = await keyturn.Api.PostAsync(users, JsonNode.Parse(body.Replace("NAME", user, StringComparison.Ordinal)));
        added.ShouldBe(HttpStatusCode.Created);
        var password = added.Body["user"]!["password"]!.ToString();
        (await accounts.LoginAsync(user, password)).ShouldBe(Login.Accepted);
        (await keyturn.Api.GetAsync($"{users}/{user}")).Body.ToJsonString().ShouldBe(added.Body.ToJsonString());
        (await keyturn.Api.PostAsync(users, JsonNode.Parse(body.Replace("NAME", user, StringComparison.Ordinal)))).ShouldBe(HttpStatusCode.Conflict);

        (await keyturn.Api.SendAsync(HttpMethod.Delete, $"{users}/{user}", body: null)).ShouldBe(HttpStatusCode.NoContent);
        (await accounts.LoginAsync(user, password)).ShouldBe(Login.WrongPassword);
        (await keyturn.Api.GetAsync($"{users}/{user}")).ShouldBe(HttpStatusCode.NotFound);
    }

    public ValueTask DisposeAsync() => _accounts.DisposeAsync();

    private static StringContent Json(string body) => new(body, new MediaTypeHeaderValue("application/json"));

    private static async Task<JsonNode> CurlAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo("curl", ["--silent", "--show-error", "--fail-with-body", .. arguments])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
        };
        using var curl = Process.Start(start)!;
        var answer = await curl.StandardOutput.ReadToEndAsync();
        await curl.WaitForExitAsync();
        curl.ExitCode.ShouldBe(0, answer);
        return JsonNode.Parse(answer)!;
    }

    private HttpRequestMessage Request(HttpMethod method, string path, string userAgent)
    {
        var request = new HttpRequestMessage(method, new Uri(keyturn.Process.Address, path));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", keyturn.Process.Token);
        request.Headers.Add("Accept", "application/json");
        request.Headers.TryAddWithoutValidation("User-Agent", userAgent);
        return request;
    }

    private static async Task<JsonNode> SendAsync(HttpRequestMessage request)
    {
        using var client = new HttpClient(new HttpClientHandler { AutomaticDecompression = DecompressionMethods.GZip });
        using var response = await client.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        response.StatusCode.ShouldBe(HttpStatusCode.OK, text);
        return JsonNode.Parse(text)!;
    }

    private async Task<(string Cluster, string User)> RegisterAsync()
    {
        var instance = await keyturn.Api.RegisterAsync(_accounts.Server);
        var cluster = await keyturn.Api.GetAsync($"/api/v1/instances/{instance}");
        return (cluster["id"]!, await _accounts.CreateAsync());
    }

    private async Task ShouldBeResetAsync(JsonNode answer, string user)
    {
        answer["user"]!["name"]!.ToString().ShouldBe(user);
        answer["user"]!["role"]!.ToString().ShouldBe("normal");
        answer["user"]!["mysql_settings"]!["auth_plugin"]!.ToString().ShouldBe("caching_sha2_password");
        (await _accounts.LoginAsync(user, answer["user"]!["password"]!.ToString())).ShouldBe(Login.Accepted);
        (await _accounts.LoginAsync(user, LabAccounts.OldPassword)).ShouldBe(Login.WrongPassword);
    }
}
