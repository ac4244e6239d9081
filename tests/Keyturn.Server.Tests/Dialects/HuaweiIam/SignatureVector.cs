using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Keyturn.Server.Dialects.HuaweiIam.Signatures;
using Microsoft.AspNetCore.Http;

namespace Keyturn.Server.Tests.Dialects.HuaweiIam;

/// <summary>
/// A signed request with its signature. <c>signature-vectors.json</c> is the contract's file (its first four are the Python SDK's own tests, most
/// others were computed again with the vendors' signers); <c>recorded-signatures.json</c> has what real clients sent to a recording server.
/// </summary>
public sealed record SignatureVector(
    string Name, string Ak, string Sk, string Method, string Path, string[][] Query, Dictionary<string, string> Headers, string Body, string Authorization)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    public string? CanonicalRequest { get; init; }

    public string? CanonicalRequestSha256 { get; init; }

    public string? StringToSign { get; init; }

    public string? SigningKeyHex { get; init; }

    public static TheoryData<string> Names() => [.. All().Select(vector => vector.Name)];

    public static SignatureVector Of(string name) => All().Single(vector => vector.Name == name);

    public override string ToString() => Name;

    /// <summary>As the server gets it; in the order of the file, so that sorting is the server's.</summary>
    internal SignedRequest Request()
    {
        var headers = new HeaderDictionary();
        foreach (var (name, value) in Headers)
        {
            headers.Append(name, value);
        }

        var query = string.Join('&', Query.Select(pair => $"{Uri.EscapeDataString(pair[0])}={Uri.EscapeDataString(pair[1])}"));
        return new SignedRequest(Method, Path, query, headers, Encoding.UTF8.GetBytes(Body));
    }

    private static List<SignatureVector> All() => [.. Read("signature-vectors.json"), .. Read("recorded-signatures.json")];

    private static SignatureVector[] Read(string file) =>
        JsonSerializer.Deserialize<SignatureVector[]>(File.ReadAllText(System.IO.Path.Combine(AppContext.BaseDirectory, "Dialects", "HuaweiIam", file)), Json)!;
}
