using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;

namespace Keyturn.LiveTests.WholeProgram;

/// <summary>Credentials of the built program, over its death: what was handed out goes on, what was revoked stays revoked, and no file shows a secret.</summary>
public sealed class PrincipalTests
{
    private const string Credentials = "/api/v1/principals/ci/credentials";

    [Fact]
    public async Task Credentials_KilledRightAfter_AreWhatTheAnswersSaid()
    {
        await using var keyturn = await KeyturnProcess.CreateAsync();
        await keyturn.StartAsync(logLevel: "Trace");
        (await keyturn.Api.PostAsync("/api/v1/principals", new JsonObject { ["name"] = "ci", ["owner"] = true, ["email"] = "ci@example.org" })).ShouldBe(HttpStatusCode.Created);
        var secrets = new List<string>();
        foreach (var kind in new[] { "access-key", "email-key", "password" })
        {
            secrets.Add((await AddAsync(keyturn, kind)).Secret);
        }

        var (kept, revoked) = (await AddAsync(keyturn, "token"), await AddAsync(keyturn, "token"));
        (await StatusOfAsync(keyturn, revoked.Secret)).ShouldBe(HttpStatusCode.OK);
        (await SendAsync(keyturn, HttpMethod.Delete, $"{Credentials}/{revoked.Id}", keyturn.Token)).ShouldBe(HttpStatusCode.NoContent);
        await keyturn.KillAsync();

        foreach (var file in Directory.EnumerateFiles(Path.GetDirectoryName(keyturn.StorePath)!))
        {
            var text = await File.ReadAllTextAsync(file, Encoding.Latin1);
            secrets.Append(kept.Secret).ShouldAllBe(secret => !text.Contains(secret, StringComparison.Ordinal), file);
        }

        secrets.Append(kept.Secret).ShouldAllBe(secret => !keyturn.Output.Contains(secret, StringComparison.Ordinal));
        await keyturn.StartAsync();
        (await StatusOfAsync(keyturn, kept.Secret)).ShouldBe(HttpStatusCode.OK);
        (await StatusOfAsync(keyturn, revoked.Secret)).ShouldBe(HttpStatusCode.Unauthorized);
    }

    private static async Task<(string Id, string Secret)> AddAsync(KeyturnProcess keyturn, string kind)
    {
        var answer = await keyturn.Api.PostAsync(Credentials, new JsonObject { ["kind"] = kind });
        answer.ShouldBe(HttpStatusCode.Created);
        return (answer.Body["credential"]!["id"]!.GetValue<string>(), answer["secret"]!);
    }

    private static Task<HttpStatusCode> StatusOfAsync(KeyturnProcess keyturn, string token) => SendAsync(keyturn, HttpMethod.Get, "/api/v1/status", token);

    private static async Task<HttpStatusCode> SendAsync(KeyturnProcess keyturn, HttpMethod method, string path, string token)
    {
        using var client = new HttpClient { BaseAddress = keyturn.Address };
        using var request = new HttpRequestMessage(method, path) { Headers = { Authorization = new AuthenticationHeaderValue("Bearer", token) } };
        using var response = await client.SendAsync(request);
        return response.StatusCode;
    }
}
