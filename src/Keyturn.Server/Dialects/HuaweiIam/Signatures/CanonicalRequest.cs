namespace Keyturn.Server.Dialects.HuaweiIam.Signatures;

/// <summary>The text that is signed in the place of a request: method, path, query, headers, their names, and the body's hash.</summary>
internal static class CanonicalRequest
{
    /// <summary>The request in this layout. There are two texts where clients of one layout differ; a signature of either is good.</summary>
    public static IEnumerable<string> Of(SignedRequest request, SignatureHeader signature) => signature.Layout == SignatureLayout.Credential
        ? [CredentialLayout.Of(request, signature.SignedHeaders)]
        : AccessLayout.Of(request, signature.SignedHeaders);

    /// <summary>The headers' block ends with a line feed of its own, so that an empty line follows it.</summary>
    public static string Join(string method, string path, string query, IEnumerable<string> headers, IReadOnlyList<string> names, string payload) =>
        string.Join('\n', method.ToUpperInvariant(), path, query, string.Concat(headers.Select(line => line + "\n")), string.Join(';', names), payload);

    /// <summary>Encodes the segments of a decoded path. The text ends in a slash, although the request's path does not.</summary>
    public static string Path(IEnumerable<string> segments)
    {
        var path = string.Join('/', segments.Select(PercentEncoding.Encode));
        return path.EndsWith('/') ? path : path + "/";
    }

    /// <summary>The query's names and values, decoded, in the order in which they were sent.</summary>
    public static IEnumerable<(string Name, string Value)> Parameters(string query) =>
        from part in query.Split('&', StringSplitOptions.RemoveEmptyEntries)
        let pair = part.Split('=', 2)
        select (PercentEncoding.DecodeQuery(pair[0]), pair.Length == 2 ? PercentEncoding.DecodeQuery(pair[1]) : "");
}
