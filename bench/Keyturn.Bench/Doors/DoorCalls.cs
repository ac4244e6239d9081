using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;

namespace Keyturn.Bench;

/// <summary>One call through one door, of a kind that all doors have.</summary>
/// <param name="Door">The door.</param>
/// <param name="Path">What is read.</param>
/// <param name="Credential">Header and value that lets the caller in.</param>
internal sealed record DoorCall(string Door, string Path, (string Header, string Value) Credential)
{
    /// <summary>An instance is read, by whoever may.</summary>
    public Func<int, Task> Read(HttpClient http) => _ => SendAsync(http, isSignedIn: true, HttpStatusCode.OK);

    /// <summary>The same by nobody.</summary>
    public Func<int, Task> Refused(HttpClient http) => _ => SendAsync(http, isSignedIn: false, HttpStatusCode.Unauthorized);

    private async Task SendAsync(HttpClient http, bool isSignedIn, HttpStatusCode expected)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, Path);
        if (isSignedIn)
        {
            request.Headers.TryAddWithoutValidation(Credential.Header, Credential.Value);
        }

        using var response = await http.SendAsync(request);
        await response.Content.ReadAsByteArrayAsync();
        if (response.StatusCode != expected)
        {
            throw new InvalidOperationException($"{Door}: {Path} answered {(int)response.StatusCode}");
        }
    }
}

/// <summary>A principal with a credential for each door, and the instances that the doors show.</summary>
internal static class DoorCalls
{
    private const string Authorization = "Authorization";

    public static async Task<IReadOnlyList<DoorCall>> PrepareAsync(HttpClient http, (string Name, BenchServer Server) mysql, (string Name, BenchServer Server) redis, string caPem)
    {
        await Product.RegisterAsync(http, mysql.Name, mysql.Server, caPem);
        await Product.RegisterAsync(http, redis.Name, redis.Server, caPem);
        var project = await ReadAsync(await http.GetAsync(new Uri("/api/v1/project", UriKind.Relative)));
        var bearer = (Authorization, http.DefaultRequestHeaders.Authorization!.ToString());
        var (session, basic) = await SignInAsync(http, project);
        var (sqlId, redisId) = (await IdAsync(http, mysql.Name), await IdAsync(http, redis.Name));
        var (tenant, digits) = (Guid.Parse(project["id"]!.ToString()).ToString("N"), sqlId.ToString("N"));
        return
        [
            new("native", $"/api/v1/instances/{mysql.Name}", bearer),
            new("digitalocean", $"/v2/databases/{sqlId}", bearer),
            new("upstash", $"/v2/redis/database/{redisId}", basic),
            new("gaussdb", $"/mysql/v3/{tenant}/instances/{digits}in07", session),
            new("ddm", $"/v1/{tenant}/instances/{digits}in09", session),
            new("dds", $"/v3/{tenant}/instances?datastore_type=DDS-Community", session),
            new("iam", "/v3/projects", session),
        ];
    }

    private static async Task<((string Header, string Value) Session, (string Header, string Value) Basic)> SignInAsync(HttpClient http, JsonNode project)
    {
        const string Name = "bench-doors";
        const string Email = "bench@example.com";
        await ReadAsync(await http.PostAsJsonAsync("/api/v1/principals", new JsonObject { ["name"] = Name, ["email"] = Email }));
        var key = await ReadAsync(await http.PostAsJsonAsync($"/api/v1/principals/{Name}/credentials", new JsonObject { ["kind"] = "email-key" }));
        var password = await ReadAsync(await http.PostAsJsonAsync($"/api/v1/principals/{Name}/credentials", new JsonObject { ["kind"] = "password" }));
        var domain = new JsonObject { ["name"] = project["name"]!.ToString() };
        var user = new JsonObject { ["name"] = Name, ["password"] = password["secret"]!.ToString(), ["domain"] = domain };
        var auth = new JsonObject
        {
            ["identity"] = new JsonObject { ["methods"] = new JsonArray("password"), ["password"] = new JsonObject { ["user"] = user } },
            ["scope"] = new JsonObject { ["project"] = new JsonObject { ["name"] = project["region"]!.ToString() } },
        };
        using var signedIn = await http.PostAsJsonAsync("/v3/auth/tokens", new JsonObject { ["auth"] = auth });
        signedIn.EnsureSuccessStatusCode();
        var basic = Convert.ToBase64String(Encoding.UTF8.GetBytes($"{Email}:{key["secret"]}"));
        return (("X-Auth-Token", signedIn.Headers.GetValues("X-Subject-Token").Single()), (Authorization, $"Basic {basic}"));
    }

    private static async Task<Guid> IdAsync(HttpClient http, string name) =>
        Guid.Parse((await ReadAsync(await http.GetAsync(new Uri($"/api/v1/instances/{name}", UriKind.Relative))))["id"]!.ToString());

    private static async Task<JsonNode> ReadAsync(HttpResponseMessage response)
    {
        using (response)
        {
            response.EnsureSuccessStatusCode();
            return (await response.Content.ReadFromJsonAsync<JsonNode>())!;
        }
    }
}
