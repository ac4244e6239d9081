using System.Text;
using System.Text.Json.Nodes;
using Keyturn.LiveTests.WholeProgram;

namespace Keyturn.LiveTests.Canaries;

/// <summary>Somebody of the project with a credential of each kind, and what each door wants of them.</summary>
/// <param name="Name">Of the principal.</param>
/// <param name="Token">A native token; DigitalOcean's clients send it too.</param>
/// <param name="Basic">What Upstash's clients send.</param>
/// <param name="Session">What Huawei's clients send, signed in.</param>
/// <param name="Project">The id of the project, as Huawei writes it.</param>
/// <param name="Account">The project's name: Huawei's domain.</param>
/// <param name="Region">The name by which Huawei's clients ask for the project.</param>
internal sealed record Caller(string Name, (string, string) Token, (string, string) Basic, (string, string) Session, string Project, string Account, string Region)
{
    /// <summary>What signs requests, by the AK.</summary>
    public required (string Id, string Secret) AccessKey { get; init; }

    /// <summary>The same for a while, with the token that goes with it.</summary>
    public (string Id, string Secret, string Token) Temporary { get; private set; }

    /// <summary>All of their secrets are canaries from the moment that there are any.</summary>
    public static async Task<Caller> CreateAsync(KeyturnProcess keyturn, Knocker knocker, CanaryList canaries)
    {
        var operation = ("Authorization", $"Bearer {canaries.Add(keyturn.Token, "token of keyturn init")}");
        var name = LabAccounts.NewUser();
        (await keyturn.Api.PostAsync("/api/v1/principals", new JsonObject { ["name"] = name, ["owner"] = true, ["email"] = $"{name}@example.org" })).EnsureGood();
        var signIn = canaries.New("password to sign in with, given");
        await IssueAsync(new JsonObject { ["kind"] = "password", ["password"] = signIn });
        var accessKey = await IssueAsync(new JsonObject { ["kind"] = "access-key" });
        var (_, token) = await IssueAsync(new JsonObject { ["kind"] = "token" });
        var (_, email) = await IssueAsync(new JsonObject { ["kind"] = "email-key" });
        var project = (await keyturn.Api.GetAsync("/api/v1/project")).EnsureGood();
        var id = Guid.Parse(project["id"]!.ToString()).ToString("N");

        using var signedIn = await knocker.SendAsync("POST", "/v3/auth/tokens", SignInBody(name, signIn, project["name"]!.ToString(), project["region"]!.ToString()), operation);
        signedIn.IsSuccessStatusCode.ShouldBeTrue(await signedIn.Content.ReadAsStringAsync());
        var session = canaries.Add(signedIn.Headers.GetValues("X-Subject-Token").Single(), "session token");
        var basic = canaries.Add(Convert.ToBase64String(Encoding.UTF8.GetBytes($"{name}@example.org:{email}")), "Authorization: Basic");
        var caller = new Caller(name, ("Authorization", $"Bearer {token}"), ("Authorization", $"Basic {basic}"), ("X-Auth-Token", session), id, project["name"]!.ToString(), project["region"]!.ToString())
        {
            AccessKey = accessKey,
        };
        await caller.TakeTemporaryKeysAsync(knocker, canaries);
        return caller;

        async Task<(string Id, string Secret)> IssueAsync(JsonObject body)
        {
            var issued = (await keyturn.Api.PostAsync($"/api/v1/principals/{name}/credentials", body)).EnsureGood();
            return ($"{issued["credential"]!["public_id"]}", issued["secret"] is { } secret ? canaries.Add(secret.ToString(), $"secret of a new {body["kind"]}") : "");
        }
    }

    public static string SignInBody(string user, string password, string account, string region)
    {
        var identity = new JsonObject { ["name"] = user, ["password"] = password, ["domain"] = new JsonObject { ["name"] = account } };
        return new JsonObject
        {
            ["auth"] = new JsonObject
            {
                ["identity"] = new JsonObject { ["methods"] = new JsonArray("password"), ["password"] = new JsonObject { ["user"] = identity } },
                ["scope"] = new JsonObject { ["project"] = new JsonObject { ["name"] = region } },
            },
        }.ToJsonString();
    }

    private async Task TakeTemporaryKeysAsync(Knocker knocker, CanaryList canaries)
    {
        using var response = await knocker.SendAsync("POST", "/v3.0/OS-CREDENTIAL/securitytokens", """{"auth":{"identity":{"methods":["token"]}}}""", Session);
        var pair = (await Knocker.ReadAsync(response))["credential"]!;
        Temporary = (
            pair["access"]!.ToString(), canaries.Add(pair["secret"]!.ToString(), "temporary secret key"), canaries.Add(pair["securitytoken"]!.ToString(), "security token"));
    }
}

internal static class GoodAnswers
{
    /// <summary>The body of an answer that has to be good.</summary>
    public static JsonNode EnsureGood(this ApiAnswer answer)
    {
        ((int)answer.Status).ShouldBeLessThan(300, answer.Body.ToJsonString());
        return answer.Body;
    }
}
