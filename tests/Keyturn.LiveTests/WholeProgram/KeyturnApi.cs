using System.Net;
using System.Text;
using System.Text.Json.Nodes;

namespace Keyturn.LiveTests.WholeProgram;

/// <summary>An answer of the native API.</summary>
public sealed record ApiAnswer(HttpStatusCode Status, JsonNode Body)
{
    /// <summary>A member's text; null where there is none.</summary>
    public string? this[string member] => Body[member]?.ToString();

    public void ShouldBe(HttpStatusCode status) => Status.ShouldBe(status, Body.ToJsonString());

    /// <summary>A refusal with this cause, which says what to do next.</summary>
    public void ShouldBeRefused(HttpStatusCode status, string cause)
    {
        ShouldBe(status);
        this["cause"].ShouldBe(cause, Body.ToJsonString());
        this["next_step"].ShouldNotBeNullOrEmpty();
    }
}

/// <summary>The native API as a client calls it.</summary>
public sealed class KeyturnApi(HttpClient client)
{
    private static readonly TimeSpan SettleLimit = TimeSpan.FromSeconds(60);

    /// <summary>Registers a lab server, as a copy so that several tests may do it, and returns the instance's name.</summary>
    public async Task<string> RegisterAsync(LabServer server, JsonObject? changes = null)
    {
        var answer = await TryRegisterAsync(server, changes);
        answer.ShouldBe(HttpStatusCode.Created);
        return answer["name"]!;
    }

    /// <param name="server">Whose address, CA and admin login are registered.</param>
    /// <param name="changes">Members that are other than those.</param>
    public Task<ApiAnswer> TryRegisterAsync(LabServer server, JsonObject? changes = null)
    {
        var body = new JsonObject
        {
            ["name"] = $"i{Guid.NewGuid():N}",
            ["engine"] = server.Engine == "pgbouncer" ? "postgresql" : server.Engine,
            ["nodes"] = new JsonArray(NodeAt(server.Host, server.Port)),
            ["tls"] = new JsonObject { ["ca"] = Lab.CaPem },
            ["admin"] = Login(server.Admin),
            ["is_clone"] = true,
        };
        foreach (var (member, value) in changes ?? [])
        {
            body[member] = value?.DeepClone();
        }

        return PostAsync("/api/v1/instances", body);
    }

    public static JsonObject NodeAt(string host, int port) => new() { ["host"] = host, ["port"] = port };

    public static JsonObject Login(LabLogin login) => new() { ["user"] = login.User, ["password"] = login.Password };

    /// <summary>Resets an account, to a generated password where none is given.</summary>
    public Task<ApiAnswer> ResetAsync(string instance, string user, string? password = null) =>
        PostAsync($"{PathOf(instance, user)}/reset", password is null ? null : new JsonObject { ["password"] = password });

    public Task<ApiAnswer> AdoptAsync(string instance, string user, string password) =>
        PostAsync($"{PathOf(instance, user)}/adopt", new JsonObject { ["password"] = password });

    public Task<ApiAnswer> SecretAsync(string instance, string user) => GetAsync($"{PathOf(instance, user)}/secret");

    /// <summary>The account's resets, newest first, all of them ended.</summary>
    public async Task<IReadOnlyList<JsonNode>> EndedResetsAsync(string instance, string user)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var answer = await GetAsync($"/api/v1/resets?instance={instance}&account={Uri.EscapeDataString(user)}");
            answer.ShouldBe(HttpStatusCode.OK);
            var resets = answer.Body["resets"]!.AsArray().Select(reset => reset!).ToList();
            if (resets.TrueForAll(reset => reset["state"]!.ToString() is not ("prepared" or "undecided")))
            {
                return resets;
            }

            TimeProvider.System.GetElapsedTime(started).ShouldBeLessThan(SettleLimit, answer.Body.ToJsonString());
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System);
        }
    }

    public static string PathOf(string instance, string user) => $"/api/v1/instances/{instance}/accounts/{Uri.EscapeDataString(user)}";

    public Task<ApiAnswer> GetAsync(string path) => SendAsync(HttpMethod.Get, path, body: null);

    public Task<ApiAnswer> PostAsync(string path, JsonNode? body) => SendAsync(HttpMethod.Post, path, body);

    public async Task<ApiAnswer> SendAsync(HttpMethod method, string path, JsonNode? body)
    {
        // The path goes out as it is written: an account may be called "..".
        var exactly = new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true };
        using var request = new HttpRequestMessage(method, new Uri($"{client.BaseAddress!.GetLeftPart(UriPartial.Authority)}{path}", exactly));
        request.Content = body is null ? null : new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json");
        using var response = await client.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        return new ApiAnswer(response.StatusCode, text.Length == 0 ? new JsonObject() : JsonNode.Parse(text)!);
    }
}
