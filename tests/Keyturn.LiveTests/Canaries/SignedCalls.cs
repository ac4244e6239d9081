using Keyturn.Server.Tests.Dialects.HuaweiIam;

namespace Keyturn.LiveTests.Canaries;

/// <summary>Requests that are signed, well and badly. Nobody may learn the SK, nor a signature, with which the request could be sent once more.</summary>
/// <param name="knocker">Sends.</param>
/// <param name="canaries">What is sent.</param>
/// <param name="caller">Who signs.</param>
internal sealed class SignedCalls(Knocker knocker, CanaryList canaries, Caller caller)
{
    private const string Method = "PUT";

    /// <summary>Resets of a user of an instance that GaussDB's door shows.</summary>
    public async Task ThroughAsync(string id, string user)
    {
        var path = $"/v3/{caller.Project}/instances/{Guid.Parse(id):N}in07/db-users/password";
        var (key, secret) = caller.AccessKey;
        var (temporary, temporarySecret, token) = caller.Temporary;
        (await SendAsync(path, user, "signed", key, secret)).ShouldBeLessThan(300);
        (await SendAsync(path, user, "signed in the other layout", key, secret, isCredential: true)).ShouldBeLessThan(300);
        (await SendAsync(path, user, "signed for a while", temporary, temporarySecret, token)).ShouldBeLessThan(300);
        (await SendAsync(path, user, "signed by another key", key, canaries.New("SK that is not the AK's"))).ShouldBe(401);
        (await SendAsync(path, user, "signed for a while, by another key", temporary, canaries.New("temporary SK that is not the AK's"), token)).ShouldBe(401);
        (await SendAsync(path, user, "signed with a token of something else", temporary, temporarySecret, canaries.New("in place of a security token"))).ShouldBe(401);
        (await SendAsync(path, user, "with the SK in place of the AK", secret, secret)).ShouldBe(401);
        (await SendAsync(path, user, "signed yesterday", key, secret, age: TimeSpan.FromDays(1))).ShouldBe(401);
        (await SendAsync($"{path}?sk={canaries.New("in a query that is not signed", Visible.InAnswers)}", user, "with another query", key, secret)).ShouldBe(401);
    }

    private async Task<int> SendAsync(string path, string user, string way, string key, string secret, string? token = null, bool isCredential = false, TimeSpan age = default)
    {
        var body = $$"""{"users":[{"name":"{{user}}","host":"%","password":"{{canaries.New($"in a request {way}")}}"}]}""";
        var headers = new Dictionary<string, string> { ["Host"] = knocker.Host, ["X-Sdk-Date"] = (TimeProvider.System.GetUtcNow() - age).ToString("yyyyMMdd'T'HHmmss'Z'") };
        if (token is not null)
        {
            headers["X-Security-Token"] = token;
        }

        var signed = isCredential
            ? TestSigner.Credential(key, secret, Method, $"{path}/", "", headers, body)
            : TestSigner.Access(key, secret, Method, $"{path}/", "", headers, body);
        canaries.Add(signed.Split("Signature=")[1], $"signature of a request {way}");
        headers.Remove("Host");
        using var response = await knocker.SendAsync(Method, path, body, [("Authorization", signed), .. headers.Select(header => (header.Key, header.Value))]);
        return (int)response.StatusCode;
    }
}
