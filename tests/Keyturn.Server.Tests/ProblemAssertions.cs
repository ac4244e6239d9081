using System.Text.Json.Nodes;

namespace Keyturn.Server.Tests;

internal static class ProblemAssertions
{
    /// <summary>Asserts a problem of that slug and status with all members that every problem has.</summary>
    public static async Task<JsonNode> ProblemAsync(this HttpResponseMessage response, string slug, int status)
    {
        var text = await response.Content.ReadAsStringAsync();
        ((int)response.StatusCode).ShouldBe(status, text);
        response.Content.Headers.ContentType!.MediaType.ShouldBe("application/problem+json");
        var problem = JsonNode.Parse(text)!;
        problem["type"]!.GetValue<string>().ShouldBe($"urn:keyturn:problem:{slug}");
        problem["status"]!.GetValue<int>().ShouldBe(status);
        problem["title"]!.GetValue<string>().ShouldNotBeEmpty();
        problem["detail"]!.GetValue<string>().ShouldNotBeEmpty();
        problem["request_id"]!.GetValue<string>().ShouldBe(response.Headers.GetValues("X-Request-Id").Single());
        return problem;
    }
}
