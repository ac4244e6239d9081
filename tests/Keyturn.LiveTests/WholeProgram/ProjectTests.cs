using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;

namespace Keyturn.LiveTests.WholeProgram;

/// <summary>Two projects of one store, by the built program: each owner is the master of one, and knows nothing of the other.</summary>
public sealed class ProjectTests
{
    [Fact]
    public async Task AddProject_ToAStoreThatIsInUse_IsSeenByItsOwnerAlone()
    {
        await using var keyturn = await KeyturnProcess.CreateAsync();
        await keyturn.StartAsync();
        (await keyturn.Api.PostAsync("/api/v1/principals", new JsonObject { ["name"] = "only-in-the-first" })).ShouldBe(HttpStatusCode.Created);
        string[] add = ["add-project", "second", "--region", "eu-de", "--store", keyturn.StorePath, "--master-key", keyturn.MasterKeyPath, "--token-file", keyturn.InFolder("second-token")];
        (await keyturn.RunAsync("store", add)).ShouldBe(2, "a file is one process's");
        File.Exists(keyturn.InFolder("second-token")).ShouldBeFalse();

        await keyturn.KillAsync();
        (await keyturn.RunAsync("store", add)).ShouldBe(0, keyturn.Output);
        await keyturn.StartAsync();

        (await NamesAsync(keyturn, keyturn.Token)).ShouldBe(["admin", "only-in-the-first"]);
        (await NamesAsync(keyturn, await File.ReadAllTextAsync(keyturn.InFolder("second-token")))).ShouldBe(["admin"]);
    }

    private static async Task<List<string>> NamesAsync(KeyturnProcess keyturn, string token)
    {
        using var client = new HttpClient { BaseAddress = keyturn.Address };
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/principals") { Headers = { Authorization = new AuthenticationHeaderValue("Bearer", token) } };
        using var response = await client.SendAsync(request);
        var principals = JsonNode.Parse(await response.Content.ReadAsStringAsync())!["principals"]!.AsArray();
        return [.. principals.Select(principal => principal!["name"]!.GetValue<string>()).Order(StringComparer.Ordinal)];
    }
}
