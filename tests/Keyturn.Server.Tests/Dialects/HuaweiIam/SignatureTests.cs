using System.Text;
using Keyturn.Passwords;
using Keyturn.Server.Dialects.HuaweiIam.Signatures;
using Microsoft.AspNetCore.Http;

namespace Keyturn.Server.Tests.Dialects.HuaweiIam;

public sealed class SignatureTests
{
    private const string Date = "20261120T120000Z";
    private static readonly string Unused = new('0', 64);

    [Fact]
    public void Vectors_OfBothFiles_AreAllThere() => SignatureVector.Names().Count.ShouldBe(15);

    [Theory]
    [MemberData(nameof(SignatureVector.Names), MemberType = typeof(SignatureVector))]
    public void IsGood_Vector_HoldsForItsSecretOnly(string name)
    {
        var vector = SignatureVector.Of(name);

        SignatureHeader.TryParse(vector.Authorization, out var signature).ShouldBeTrue();

        signature!.AccessKey.ShouldBe(vector.Ak);
        SignatureCheck.IsGood(signature, vector.Request(), new Secret(vector.Sk)).ShouldBeTrue();
        SignatureCheck.IsGood(signature, vector.Request(), new Secret(vector.Sk + "x")).ShouldBeFalse();
    }

    [Theory]
    [MemberData(nameof(SignatureVector.Names), MemberType = typeof(SignatureVector))]
    public void Steps_Vector_AreThoseOfTheFile(string name)
    {
        var vector = SignatureVector.Of(name);
        SignatureHeader.TryParse(vector.Authorization, out var signature).ShouldBeTrue();

        var canonical = CanonicalRequest.Of(vector.Request(), signature!).ShouldHaveSingleItem();

        canonical.ShouldBe(vector.CanonicalRequest ?? canonical);
        Sha256Hex.Of(canonical).ShouldBe(vector.CanonicalRequestSha256 ?? Sha256Hex.Of(canonical));
        SignatureCheck.StringToSign(signature!, vector.Request(), canonical).ShouldBe(vector.StringToSign ?? SignatureCheck.StringToSign(signature!, vector.Request(), canonical));
        var key = SigningKey.Of(signature!, new Secret(vector.Sk));
        (signature!.Layout == SignatureLayout.Derived ? Encoding.ASCII.GetString(key) : Convert.ToHexStringLower(key))
            .ShouldBe(vector.SigningKeyHex ?? Convert.ToHexStringLower(key));
    }

    [Theory]
    [MemberData(nameof(SignatureVector.Names), MemberType = typeof(SignatureVector))]
    public void IsGood_AnythingThatIsSignedDiffers_IsFalse(string name)
    {
        var vector = SignatureVector.Of(name);
        SignatureHeader.TryParse(vector.Authorization, out var signature).ShouldBeTrue();
        var request = vector.Request();
        var later = vector.Request();
        later.Headers["X-Sdk-Date"] = "20261120T120001Z";
        SignedRequest[] forged =
        [
            request with { Method = "PUT" },
            request with { Path = request.Path + "x" },
            request with { Query = request.Query + "&x=1" },
            request with { Body = Encoding.UTF8.GetBytes(vector.Body + " ") },
            later,
        ];

        forged.ShouldAllBe(other => !SignatureCheck.IsGood(signature!, other, new Secret(vector.Sk)));
    }

    [Theory]
    [InlineData("/v3/p/users/a%20b", "/v3/p/users/a%20b/")]
    [InlineData("/v3/p/users/a%7eb%2a", "/v3/p/users/a~b%2A/")]
    [InlineData("/v3/p/users/%C3%BC", "/v3/p/users/%C3%BC/")]
    [InlineData("/v3/p/users/100%", "/v3/p/users/100%25/")]
    [InlineData("/v3/p/users/a+b", "/v3/p/users/a%2Bb/")]
    [InlineData("/v3/p/", "/v3/p/")]
    [InlineData("/", "/")]
    public void Canonical_Path_IsDecodedAndEncodedOnceInBothLayouts(string path, string canonical)
    {
        Line(1, Access(path)).ShouldBe([canonical]);
        Line(1, Credential(path)).ShouldBe([canonical]);
    }

    [Fact]
    public void Canonical_EscapedSlash_IsTakenInBothWaysThatClientsHave()
    {
        Line(1, Access("/users/a%2Fb")).ShouldBe(["/users/a%2Fb/", "/users/a/b/"]);
        Line(1, Credential("/users/a%2Fb")).ShouldBe(["/users/a/b/"]);
    }

    [Theory]
    [InlineData("b=2&a=1&a=0&A=3", "A=3&a=0&a=1&b=2", "a=1&A=3&b=2")]
    [InlineData("flag&x=", "flag=&x=", "flag=&x=")]
    [InlineData("q=a+b%2Bc%20d=e", "q=a%20b%2Bc%20d%3De", "q=a%20b%2Bc%20d%3De")]
    [InlineData("", "", "")]
    public void Canonical_Query_IsSortedByTheRuleOfItsLayout(string query, string access, string credential)
    {
        Line(2, Access("/", query)).ShouldBe([access]);
        Line(2, Credential("/", query)).ShouldBe([credential]);
    }

    [Fact]
    public void Canonical_HeaderOfSeveralValues_IsALineEachOrTheFirstOnly()
    {
        var headers = new HeaderDictionary { ["X-Sdk-Date"] = Date, ["X-Many"] = new(["b  b", " a "]) };

        Access("/", headers: headers, signed: "x-many;x-sdk-date").Single().ShouldContain($"\nx-many:a\nx-many:b  b\nx-sdk-date:{Date}\n\nx-many;x-sdk-date\n");
        Credential("/", headers: headers, signed: "x-many;x-sdk-date").Single().ShouldContain($"\nx-many:b b\nx-sdk-date:{Date}\n\nx-many;x-sdk-date\n");
    }

    /// <summary>gophertelekomcloud hashes the query of a POST without a body; the hash is of <c>a=1&amp;b=x+y</c>.</summary>
    [Fact]
    public void Canonical_PostWithoutBody_SignsItsQueryAsBody()
    {
        var lines = Credential("/", "b=x%20y&a=1", method: "POST").Single().Split('\n');

        lines[2].ShouldBe("");
        lines[^1].ShouldBe("22915b1319465972cfbc8cd6d3ee33d36411ad61996d358aef9b6b2950ef9b86");
        Access("/", "b=x%20y&a=1", method: "POST").Single().Split('\n')[2].ShouldBe("a=1&b=x%20y");
    }

    [Theory]
    [InlineData("UNSIGNED-PAYLOAD", "UNSIGNED-PAYLOAD")]
    [InlineData("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")]
    public void Canonical_PayloadHeader_IsBelievedOnlyWhereItLeavesTheBodyUnsigned(string header, string expected)
    {
        var headers = new HeaderDictionary { ["X-Sdk-Date"] = Date, ["X-Sdk-Content-Sha256"] = header };

        Access("/", headers: headers, body: "abc").Single().Split('\n')[^1].ShouldBe(expected);
        Credential("/", headers: headers, body: "abc").Single().Split('\n')[^1].ShouldBe(expected);
    }

    [Theory]
    [InlineData("SDK-HMAC-SHA256 Access=AK,SignedHeaders=x-sdk-date,Signature=S", SignatureLayout.Access)]
    [InlineData("SDK-HMAC-SHA256 Signature=S, SignedHeaders=x-sdk-date, Access=AK", SignatureLayout.Access)]
    [InlineData("SDK-HMAC-SHA256 Credential=AK/20261120///sdk_request, SignedHeaders=x-sdk-date, Signature=S", SignatureLayout.Credential)]
    [InlineData("SDK-HMAC-SHA256 Credential=AK/20261120/eu-de/dds/sdk_request, SignedHeaders=x-sdk-date, Signature=S", SignatureLayout.Credential)]
    [InlineData("V11-HMAC-SHA256 Credential=AK/20261120/eu-de/dds, SignedHeaders=x-sdk-date, Signature=S", SignatureLayout.Derived)]
    public void TryParse_EachLayout_IsTold(string authorization, object layout)
    {
        SignatureHeader.TryParse(authorization.Replace("=S", "=" + Unused, StringComparison.Ordinal), out var header).ShouldBeTrue();

        header!.Layout.ShouldBe((SignatureLayout)layout);
        header.AccessKey.ShouldBe("AK");
    }

    [Theory]
    [InlineData("")]
    [InlineData("SDK-HMAC-SHA256")]
    [InlineData("SDK-HMAC-SHA256 ")]
    [InlineData("SDK-HMAC-SM3 Access=AK, SignedHeaders=x-sdk-date, Signature=S")]
    [InlineData("SDK-ECDSA-P256-SHA256 Access=AK, SignedHeaders=x-sdk-date, Signature=S")]
    [InlineData("SDK-HMAC-SHA256 Access=, SignedHeaders=x-sdk-date, Signature=S")]
    [InlineData("SDK-HMAC-SHA256 Access=AK, SignedHeaders=x-sdk-date, Signature=00")]
    [InlineData("SDK-HMAC-SHA256 Access=AK, SignedHeaders=x-sdk-date, Signature=Sxyz")]
    [InlineData("SDK-HMAC-SHA256 Access=AK, SignedHeaders=x-sdk-date;X-Sdk-Date, Signature=S")]
    [InlineData("SDK-HMAC-SHA256 Access=AK, Access=AK, SignedHeaders=x-sdk-date, Signature=S")]
    [InlineData("SDK-HMAC-SHA256 Access=AK, Credential=AK/20261120///sdk_request, SignedHeaders=x-sdk-date, Signature=S")]
    [InlineData("SDK-HMAC-SHA256 Credential=AK/20261120//sdk_request, SignedHeaders=x-sdk-date, Signature=S")]
    [InlineData("SDK-HMAC-SHA256 Credential=AK/20261120///aws4_request, SignedHeaders=x-sdk-date, Signature=S")]
    [InlineData("V11-HMAC-SHA256 Access=AK, SignedHeaders=x-sdk-date, Signature=S")]
    [InlineData("V11-HMAC-SHA256 Credential=AK/20261120/eu-de/dds/sdk_request, SignedHeaders=x-sdk-date, Signature=S")]
    [InlineData("SDK-HMAC-SHA256 Access=AK, SignedHeaders=x-sdk-date")]
    [InlineData("SDK-HMAC-SHA256 Access=AK, Signature=S")]
    [InlineData("SDK-HMAC-SHA256 ,,,")]
    public void TryParse_SomethingElse_IsRefused(string authorization) =>
        SignatureHeader.TryParse(authorization.Replace("=S", "=" + Unused, StringComparison.Ordinal), out _).ShouldBeFalse();

    /// <summary>HKDF gives up on more than OpenSSL has room for.</summary>
    [Fact]
    public void TryParse_LongCredential_IsRefused() =>
        SignatureHeader.TryParse($"V11-HMAC-SHA256 Credential=AK/20261120/{new string('x', 2000)}/dds, SignedHeaders=x-sdk-date, Signature={Unused}", out _).ShouldBeFalse();

    private static IEnumerable<string> Line(int index, IEnumerable<string> canonical) => canonical.Select(text => text.Split('\n')[index]);

    private static IEnumerable<string> Access(
        string path, string query = "", string method = "GET", HeaderDictionary? headers = null, string signed = "x-sdk-date", string body = "") =>
        Canonical("Access=AK", path, query, method, headers, signed, body);

    private static IEnumerable<string> Credential(
        string path, string query = "", string method = "GET", HeaderDictionary? headers = null, string signed = "x-sdk-date", string body = "") =>
        Canonical("Credential=AK/20261120///sdk_request", path, query, method, headers, signed, body);

    private static IEnumerable<string> Canonical(string who, string path, string query, string method, HeaderDictionary? headers, string signed, string body)
    {
        SignatureHeader.TryParse($"SDK-HMAC-SHA256 {who}, SignedHeaders={signed}, Signature={Unused}", out var signature).ShouldBeTrue();
        var request = new SignedRequest(method, path, query, headers ?? new HeaderDictionary { ["X-Sdk-Date"] = Date }, Encoding.UTF8.GetBytes(body));
        return CanonicalRequest.Of(request, signature!);
    }
}
