using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Keyturn.Bench;

/// <summary>Keyturn, called as its users call it: over HTTP, in a process of its own.</summary>
internal sealed class Product(HttpClient http, string instance)
{
    private readonly Dictionary<int, string> _passwords = [];

    public static async Task RegisterAsync(HttpClient http, string instance, BenchServer server, string caPem)
    {
        var body = new JsonObject
        {
            ["name"] = instance,
            ["engine"] = server.Engine,
            ["nodes"] = new JsonArray(new JsonObject { ["host"] = server.Host, ["port"] = server.Port }),
            ["tls"] = new JsonObject { ["mode"] = "verify-full", ["ca"] = caPem },
            ["admin"] = new JsonObject { ["user"] = server.Admin.User, ["password"] = server.Admin.Password },
        };
        using var response = await http.PostAsJsonAsync("/api/v1/instances", body);
        await ExpectAsync(response);
    }

    public async Task CreateAsync(int number)
    {
        using var response = await http.PostAsJsonAsync($"/api/v1/instances/{instance}/accounts", new JsonObject { ["user"] = User(number) });
        await KeepPasswordAsync(number, response);
    }

    public async Task DropAsync(int number)
    {
        using var response = await http.DeleteAsync(new Uri($"/api/v1/instances/{instance}/accounts/{User(number)}", UriKind.Relative));
        await ExpectAsync(response);
    }

    public async Task ResetAsync(int number)
    {
        using var response = await http.PostAsync(new Uri($"/api/v1/instances/{instance}/accounts/{User(number)}/reset", UriKind.Relative), content: null);
        await KeepPasswordAsync(number, response);
    }

    public async Task CheckAsync(int number)
    {
        using var response = await http.PostAsJsonAsync($"/api/v1/instances/{instance}/accounts/{User(number)}/check", new JsonObject { ["password"] = _passwords[number] });
        var answer = await ExpectAsync(response);
        if (answer.GetProperty("accepted").ValueKind != JsonValueKind.True)
        {
            throw new InvalidOperationException("a right password was not accepted");
        }
    }

    private async Task KeepPasswordAsync(int number, HttpResponseMessage response)
    {
        var answer = await ExpectAsync(response);
        _passwords[number] = answer.GetProperty("password").GetString()!;
    }

    private static async Task<JsonElement> ExpectAsync(HttpResponseMessage response)
    {
        var text = await response.Content.ReadAsStringAsync();
        if (!response.IsSuccessStatusCode || (int)response.StatusCode == 202)
        {
            throw new InvalidOperationException($"{response.RequestMessage!.RequestUri} answered {(int)response.StatusCode}: {text}");
        }

        return text.Length == 0 ? default : JsonSerializer.Deserialize<JsonElement>(text);
    }

    private static string User(int number) => $"bench_{number}";
}
