using System.Text.RegularExpressions;

namespace Keyturn.Server.Dialects.HuaweiIam.Signatures;

/// <summary>The canonical request of Open Telekom Cloud's Go SDK (gophertelekomcloud) and Terraform provider.</summary>
internal static partial class CredentialLayout
{
    public static string Of(SignedRequest request, IReadOnlyList<string> signedHeaders)
    {
        var isQueryTheBody = HttpMethods.IsPost(request.Method) && request.Body.IsEmpty;
        return CanonicalRequest.Join(
            request.Method,
            CanonicalRequest.Path(PercentEncoding.Decode(request.Path).Split('/')),
            isQueryTheBody ? "" : Query(request.Query),
            signedHeaders.Select(name => $"{name}:{Blanks().Replace(request.Headers[name].FirstOrDefault("")!, " ")}"),
            signedHeaders,
            isQueryTheBody ? request.Payload(Form(request.Query)) : request.Payload());
    }

    /// <summary>Sorted by encoded names without regard to case; of a name that is repeated, the first value counts.</summary>
    private static string Query(string query) => string.Join('&',
        CanonicalRequest.Parameters(query)
            .DistinctBy(pair => pair.Name)
            .Select(pair => (Name: PercentEncoding.Encode(pair.Name), Value: PercentEncoding.Encode(pair.Value)))
            .OrderBy(pair => pair.Name.ToLowerInvariant(), StringComparer.Ordinal)
            .Select(pair => $"{pair.Name}={pair.Value}"));

    /// <summary>The query as Go writes a form: sorted by names, all values, blanks as plus. A POST without a body signs it in the body's place.</summary>
    private static string Form(string query) => string.Join('&',
        CanonicalRequest.Parameters(query)
            .OrderBy(pair => pair.Name, StringComparer.Ordinal)
            .Select(pair => $"{FormEncode(pair.Name)}={FormEncode(pair.Value)}"));

    private static string FormEncode(string decoded) => PercentEncoding.Encode(decoded).Replace("%20", "+", StringComparison.Ordinal);

    [GeneratedRegex(@"[\t\n\f\r ]+", RegexOptions.CultureInvariant)]
    private static partial Regex Blanks();
}
