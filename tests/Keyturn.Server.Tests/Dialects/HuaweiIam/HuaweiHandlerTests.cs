using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using Keyturn.Access;

namespace Keyturn.Server.Tests.Dialects.HuaweiIam;

/// <summary>Signatures and tokens over the wire, as a service's door takes them.</summary>
public sealed class HuaweiHandlerTests : IAsyncLifetime
{
    private const string Project = "97b026aa9cc4417888c14c84a1ad9860";
    private const string AccessKey = "KTAKTEST000000000001";
    private const string SecretKey = "secret-key-of-a-test-0123456789abcdefghi";
    private const string Instances = $"/v3/{Project}/instances";

    private HuaweiTestServer _server = null!;
    private Principal _principal = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await HuaweiTestServer.StartAsync();
        _principal = await _server.AddPrincipalAsync("operator", Guid.Parse(Project));
        await _server.AddAccessKeyAsync(_principal, AccessKey, SecretKey);
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Theory]
    [MemberData(nameof(SignatureVector.Names), MemberType = typeof(SignatureVector))]
    public async Task Signature_Vector_IsLetInAndItsBodyReadAgain(string name)
    {
        var vector = SignatureVector.Of(name);
        _server.Clock.Now = DateTimeOffset.ParseExact(vector.Headers["X-Sdk-Date"], "yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);
        var owner = vector.Path.Contains(Project, StringComparison.Ordinal) || vector.Path == "/resources"
            ? _principal
            : await _server.AddPrincipalAsync("recorded", Guid.Parse("619d3e78f61b4be68bc5aa0b59edcf7b"));
        await _server.AddAccessKeyAsync(owner, vector.Ak, vector.Sk);

        using var response = await SendVectorAsync(vector);

        var text = await response.Content.ReadAsStringAsync();
        response.StatusCode.ShouldBe(HttpStatusCode.OK, text);
        text.ShouldBe($"{owner.Name} {vector.Body}");
    }

    [Theory]
    [MemberData(nameof(SignatureVector.Names), MemberType = typeof(SignatureVector))]
    public async Task Signature_WrongSecret_IsUnauthorizedForEveryClient(string name)
    {
        var vector = SignatureVector.Of(name);
        _server.Clock.Now = DateTimeOffset.ParseExact(vector.Headers["X-Sdk-Date"], "yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);
        await _server.AddAccessKeyAsync(_principal, vector.Ak, vector.Sk + "x");

        using var response = await SendVectorAsync(vector);

        await ShouldBeErrorAsync(response, 401, "APIGW.0301", "verify aksk signature fail, canonicalRequest:" + vector.CanonicalRequest?.Replace('\n', '|'));
    }

    [Fact]
    public async Task Signature_DoesNotFit_AnswersLikeTheGateway()
    {
        var headers = Headers();
        headers["Authorization"] = TestSigner.Access(AccessKey, "another", "GET", Instances + "/", "limit=1", headers);
        using var request = _server.Request(HttpMethod.Get, Instances + "?limit=1", headers);

        using var response = await _server.Client.SendAsync(request);

        response.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        response.Content.Headers.ContentType!.ToString().ShouldBe("application/json; charset=utf-8");
        response.Headers.WwwAuthenticate.ToString().ShouldBe("SDK-HMAC-SHA256");
        var id = response.Headers.GetValues("X-Request-Id").Single();
        Guid.TryParseExact(id, "N", out _).ShouldBeTrue(id);
        (await response.Content.ReadAsStringAsync()).ShouldBe(
            """{"error_code":"APIGW.0301","error_msg":"Incorrect IAM authentication information: verify aksk signature fail, canonicalRequest:SHOWN","request_id":"ID"}"""
                .Replace("SHOWN", TestSigner.Shown("GET", Instances + "/", "limit=1", Headers()), StringComparison.Ordinal)
                .Replace("ID\"", id + "\"", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("/v3/P/instances/a%20b%2Bc?b=2&a=x%20y", "/v3/P/instances/a%20b%2Bc/", "a=x%20y&b=2")]
    [InlineData("/v3/P/instances/%7etilde", "/v3/P/instances/~tilde/", "")]
    [InlineData("/v3/P/instances/a%2Fb", "/v3/P/instances/a%2Fb/", "")]
    [InlineData("/v3/P/instances/a%2Fb", "/v3/P/instances/a/b/", "")]
    [InlineData("/v3/P/instances/..", "/v3/P/instances/../", "")]
    public async Task Signature_PathAsItWasSent_IsVerifiedBeforeAnybodyDecodesIt(string target, string path, string query)
    {
        var headers = Headers();
        headers["Authorization"] = TestSigner.Access(AccessKey, SecretKey, "GET", path.Replace("P", Project, StringComparison.Ordinal), query, headers);

        (await GetAsync(target.Replace("P", Project, StringComparison.Ordinal), headers)).ShouldBe((HttpStatusCode.OK, "operator "));
    }

    [Fact]
    public async Task Signature_HeaderWithUmlaut_IsSignedAsUtf8()
    {
        var headers = Headers();
        headers["X-Language"] = "zürich";
        headers["Authorization"] = TestSigner.Access(AccessKey, SecretKey, "GET", Instances + "/", "", headers);
        using var socket = new SocketsHttpHandler { RequestHeaderEncodingSelector = (_, _) => System.Text.Encoding.UTF8 };
        using var client = new HttpClient(socket);
        using var request = _server.Request(HttpMethod.Get, Instances, headers);

        using var response = await client.SendAsync(request);

        response.StatusCode.ShouldBe(HttpStatusCode.OK, await response.Content.ReadAsStringAsync());
    }

    [Theory]
    [InlineData(-15 * 60, 200)]
    [InlineData(15 * 60, 200)]
    [InlineData(-15 * 60 - 1, 401)]
    [InlineData(15 * 60 + 1, 401)]
    public async Task Signature_ByAClockThatIsOff_IsTakenWithinAQuarterOfAnHour(int seconds, int status)
    {
        var headers = Headers();
        headers["Authorization"] = TestSigner.Access(AccessKey, SecretKey, "GET", Instances + "/", "", headers);
        _server.Clock.Now += TimeSpan.FromSeconds(seconds);
        using var request = _server.Request(HttpMethod.Get, Instances, headers);

        using var response = await _server.Client.SendAsync(request);

        ((int)response.StatusCode).ShouldBe(status);
        if (status == 401)
        {
            await ShouldBeErrorAsync(response, 401, "APIGW.0301", "verify aksk signature fail, X-Sdk-Date");
        }
    }

    [Fact]
    public async Task Signature_KeyDerivedForAnotherDay_IsUnauthorized()
    {
        var headers = Headers();
        headers["Authorization"] = TestSigner.Credential(AccessKey, SecretKey, "GET", Instances + "/", "", headers);
        (await GetAsync(Instances, headers)).Status.ShouldBe(HttpStatusCode.OK);

        headers = Headers();
        headers["Authorization"] = TestSigner.Credential(AccessKey, SecretKey, "GET", Instances + "/", "", headers, day: "20261119");
        (await GetAsync(Instances, headers)).Status.ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task Signature_WithoutItsDate_IsUnauthorized()
    {
        var signed = new Dictionary<string, string> { ["X-Sdk-Date"] = "20261120T120000Z" };
        var authorization = TestSigner.Access(AccessKey, SecretKey, "GET", Instances + "/", "", signed);
        signed["Authorization"] = authorization.Replace("SignedHeaders=x-sdk-date", "SignedHeaders=host", StringComparison.Ordinal);

        (await GetAsync(Instances, signed)).Text.ShouldContain("X-Sdk-Date is not signed");
    }

    [Theory]
    [InlineData("SDK-HMAC-SM3 Access=KTAKTEST000000000001, SignedHeaders=x-sdk-date, Signature=00")]
    [InlineData("SDK-ECDSA-P256-SHA256 Access=KTAKTEST000000000001, SignedHeaders=x-sdk-date, Signature=00")]
    [InlineData("SDK-SM2-SM3 Access=KTAKTEST000000000001, SignedHeaders=x-sdk-date, Signature=00")]
    [InlineData("SDK-HMAC-SHA256 Access=KTAKTEST000000000001")]
    public async Task Signature_AlgorithmNotSpokenOrIncomplete_IsUnauthorized(string authorization)
    {
        var headers = Headers();
        headers["Authorization"] = authorization;
        using var request = _server.Request(HttpMethod.Get, Instances, headers);

        using var response = await _server.Client.SendAsync(request);

        await ShouldBeErrorAsync(response, 401, "APIGW.0301", "the signature is incomplete, or of an algorithm that is not supported");
    }

    [Fact]
    public async Task Signature_UnknownOrExpiredKey_DoesNotExist()
    {
        await _server.AddAccessKeyAsync(_principal, "KTAKEXPIRED", SecretKey, _server.Clock.Now);
        foreach (var (key, shown) in new[] { ("KTAKNOBODYS", "ak KTAKNOBODYS"), ("KTAKEXPIRED", "ak KTAKEXPIRED"), (SecretKey, "ak") })
        {
            var headers = Headers();
            headers["Authorization"] = TestSigner.Access(key, SecretKey, "GET", Instances + "/", "", headers);
            using var request = _server.Request(HttpMethod.Get, Instances, headers);

            using var response = await _server.Client.SendAsync(request);

            (await ShouldBeErrorAsync(response, 401, "APIGW.0301", "")).ShouldBe($"Incorrect IAM authentication information: {shown} not exist");
        }
    }

    [Fact]
    public async Task Signature_WithSomebodysSecurityToken_IsUnauthorizedAndTheTokenNotRepeated()
    {
        var headers = Headers();
        headers["X-Security-Token"] = "t0ken-canary";
        headers["Authorization"] = TestSigner.Access(AccessKey, SecretKey, "GET", Instances + "/", "", headers);

        var (status, text) = await GetAsync(Instances, headers);

        status.ShouldBe(HttpStatusCode.Unauthorized);
        text.ShouldContain("the X-Security-Token does not belong to the ak");
        text.ShouldNotContain("canary");
    }

    [Fact]
    public async Task Signature_DoesNotFit_ShowsNoTokenThatWasSigned()
    {
        var headers = Headers();
        headers["X-Auth-Token"] = "t0ken-canary";
        headers["Authorization"] = TestSigner.Access(AccessKey, "another", "GET", Instances + "/", "", headers);

        var (status, text) = await GetAsync(Instances, headers);

        status.ShouldBe(HttpStatusCode.Unauthorized);
        text.ShouldContain("|x-auth-token:");
        text.ShouldNotContain("canary");
    }

    [Fact]
    public async Task Signature_WithAToken_Decides()
    {
        await _server.AddSessionAsync(_principal, "good", "project", _server.Clock.Now.AddHours(1));
        var headers = Headers();
        headers["Authorization"] = TestSigner.Access(AccessKey, "another", "GET", Instances + "/", "", headers);
        headers["X-Auth-Token"] = "good";

        (await GetAsync(Instances, headers)).Status.ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task Signature_TooLargeBody_IsRefusedWithoutBeingKept()
    {
        var headers = Headers();
        var body = new string('x', (1 << 20) + 1);
        headers["Authorization"] = TestSigner.Access(AccessKey, SecretKey, "POST", Instances + "/", "", headers, body);
        using var request = _server.Request(HttpMethod.Post, Instances, headers, body);

        using var response = await _server.Client.SendAsync(request);

        (await ShouldBeErrorAsync(response, 413, "APIGW.0201", "")).ShouldBe("Request entity too large.");
    }

    [Fact]
    public async Task Token_OfASession_IsLetInUntilItEndsOrIsRevoked()
    {
        var session = await _server.AddSessionAsync(_principal, "good", "project", _server.Clock.Now.AddHours(24));
        var headers = new Dictionary<string, string> { ["X-Auth-Token"] = "good" };

        (await GetAsync(Instances, headers)).ShouldBe((HttpStatusCode.OK, "operator "));
        _server.Clock.Now += TimeSpan.FromHours(24);
        await ShouldBeTokenErrorAsync(headers, "APIGW.0307", "The token must be updated.");
        await _server.Principals.RevokeAsync(_principal.Id, session.Id, Entry(), default);
        await ShouldBeTokenErrorAsync(headers, "APIGW.0301", "Incorrect IAM authentication information: decrypt token fail");
    }

    [Theory]
    [InlineData("X-Auth-Token", "MIIforged", "Incorrect IAM authentication information: decrypt token fail")]
    [InlineData("X-Auth-Token", "", "Incorrect IAM authentication information: Unauthorized")]
    [InlineData("Authorization", "Bearer kt_x", "Incorrect IAM authentication information: Unauthorized")]
    public async Task Token_ForgedOrNone_IsUnauthorized(string header, string value, string message) =>
        await ShouldBeTokenErrorAsync(new Dictionary<string, string> { [header] = value }, "APIGW.0301", message);

    [Fact]
    public async Task Token_ForTheWholeAccount_OpensNoService()
    {
        await _server.AddSessionAsync(_principal, "good", "domain", _server.Clock.Now.AddHours(1));
        using var request = _server.Request(HttpMethod.Get, Instances, new Dictionary<string, string> { ["X-Auth-Token"] = "good" });

        using var response = await _server.Client.SendAsync(request);

        await ShouldBeErrorAsync(response, 403, "TEST.0403", "Not your project.");
    }

    [Theory]
    [InlineData("/v3/97B026AA9CC4417888C14C84A1AD9860/instances", null, 200)]
    [InlineData("/v3/97b026aa9cc4417888c14c84a1ad9860/instances", "97b026aa9cc4417888c14c84a1ad9860", 200)]
    [InlineData("/v3/97b026aa9cc4417888c14c84a1ad9860/instances", "619d3e78f61b4be68bc5aa0b59edcf7b", 403)]
    [InlineData("/v3/619d3e78f61b4be68bc5aa0b59edcf7b/instances", null, 403)]
    [InlineData("/v3/619d3e78f61b4be68bc5aa0b59edcf7b/instances", "97b026aa9cc4417888c14c84a1ad9860", 403)]
    [InlineData("/v3/97b026aa-9cc4-4178-88c1-4c84a1ad9860/instances", null, 403)]
    public async Task Project_OfThePathAndOfTheHint_MustBeTheCallers(string target, string? hint, int status)
    {
        var headers = Headers();
        headers["Authorization"] = TestSigner.Access(AccessKey, SecretKey, "GET", target + "/", "", headers);
        if (hint is not null)
        {
            headers["X-Project-Id"] = hint;
        }

        using var request = _server.Request(HttpMethod.Get, target, headers);
        using var response = await _server.Client.SendAsync(request);

        ((int)response.StatusCode).ShouldBe(status);
        if (status == 403)
        {
            await ShouldBeErrorAsync(response, 403, "TEST.0403", "Not your project.");
        }
    }

    [Theory]
    [InlineData("GET", $"/v3/{Project}/nowhere")]
    [InlineData("DELETE", Instances)]
    [InlineData("GET", "/nowhere")]
    public async Task UnknownPathOrMethod_WithOrWithoutCredentials_DoesNotExist(string method, string target)
    {
        var headers = Headers();
        using var anonymous = await _server.Client.SendAsync(_server.Request(new HttpMethod(method), target, headers));
        headers["Authorization"] = TestSigner.Access(AccessKey, SecretKey, method, target + "/", "", headers);
        using var known = await _server.Client.SendAsync(_server.Request(new HttpMethod(method), target, headers));

        foreach (var response in new[] { anonymous, known })
        {
            (await ShouldBeErrorAsync(response, 404, "APIGW.0101", "")).ShouldBe("The API does not exist or has not been published in the environment.");
        }
    }

    [Fact]
    public async Task ABug_AnswersLikeTheGateway()
    {
        await _server.AddSessionAsync(_principal, "good", "project", _server.Clock.Now.AddHours(1));
        using var request = _server.Request(HttpMethod.Get, $"/v3/{Project}/broken", new Dictionary<string, string> { ["X-Auth-Token"] = "good" });

        using var response = await _server.Client.SendAsync(request);

        (await ShouldBeErrorAsync(response, 500, "APIGW.0601", "")).ShouldBe("Internal server error.");
    }

    private Dictionary<string, string> Headers() =>
        new() { ["Host"] = _server.Client.BaseAddress!.Authority, ["X-Sdk-Date"] = "20261120T120000Z" };

    private async Task<(HttpStatusCode Status, string Text)> GetAsync(string target, Dictionary<string, string> headers)
    {
        using var request = _server.Request(HttpMethod.Get, target, headers);
        using var response = await _server.Client.SendAsync(request);
        return (response.StatusCode, await response.Content.ReadAsStringAsync());
    }

    private async Task<HttpResponseMessage> SendVectorAsync(SignatureVector vector)
    {
        var query = vector.Request().Query;
        var target = query.Length == 0 ? vector.Path : $"{vector.Path}?{query}";
        using var request = _server.Request(new HttpMethod(vector.Method), target, [.. vector.Headers, KeyValuePair.Create("Authorization", vector.Authorization)], vector.Body);
        return await _server.Client.SendAsync(request);
    }

    private async Task ShouldBeTokenErrorAsync(Dictionary<string, string> headers, string code, string message)
    {
        using var request = _server.Request(HttpMethod.Get, Instances, headers);
        using var response = await _server.Client.SendAsync(request);
        (await ShouldBeErrorAsync(response, 401, code, "")).ShouldBe(message);
    }

    private Audit.AuditEntry Entry() => new()
    {
        Caller = new Caller(_principal.Id, _principal.Name, _principal.ProjectId, "local", "test"),
        Action = "credential.revoke",
        Outcome = "done",
    };

    private static async Task<string> ShouldBeErrorAsync(HttpResponseMessage response, int status, string code, string part)
    {
        var text = await response.Content.ReadAsStringAsync();
        ((int)response.StatusCode).ShouldBe(status, text);
        response.Content.Headers.ContentType!.ToString().ShouldBe("application/json; charset=utf-8");
        var error = JsonNode.Parse(text)!.AsObject();
        error.Select(member => member.Key).ShouldBe(["error_code", "error_msg", "request_id"]);
        error["error_code"]!.GetValue<string>().ShouldBe(code);
        error["request_id"]!.GetValue<string>().ShouldBe(response.Headers.GetValues("X-Request-Id").Single());
        var message = error["error_msg"]!.GetValue<string>();
        message.ShouldContain(part);
        return message;
    }
}
