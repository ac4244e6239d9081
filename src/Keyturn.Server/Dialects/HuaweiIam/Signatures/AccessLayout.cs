namespace Keyturn.Server.Dialects.HuaweiIam.Signatures;

/// <summary>The canonical request of Huawei's SDKs (Python, Go, .NET, Node.js) and Terraform provider, also with a derived key.</summary>
internal static class AccessLayout
{
    public static IEnumerable<string> Of(SignedRequest request, IReadOnlyList<string> signedHeaders) =>
        from path in Paths(request.Path)
        select CanonicalRequest.Join(request.Method, path, Query(request.Query), signedHeaders.SelectMany(name => Lines(request, name)), signedHeaders, request.Payload());

    /// <summary>
    /// The documentation decodes segment by segment, so that an escaped slash stays one. The Python SDK and Go's parsed URLs decode the
    /// whole path first, so that it becomes a separator.
    /// </summary>
    private static IEnumerable<string> Paths(string path) =>
        new[] { CanonicalRequest.Path(path.Split('/').Select(PercentEncoding.Decode)), CanonicalRequest.Path(PercentEncoding.Decode(path).Split('/')) }.Distinct();

    private static string Query(string query) => string.Join('&',
        CanonicalRequest.Parameters(query)
            .OrderBy(pair => pair.Name, StringComparer.Ordinal).ThenBy(pair => pair.Value, StringComparer.Ordinal)
            .Select(pair => $"{PercentEncoding.Encode(pair.Name)}={PercentEncoding.Encode(pair.Value)}"));

    /// <summary>One line for each value.</summary>
    private static IEnumerable<string> Lines(SignedRequest request, string name) =>
        request.Headers[name].Select(value => value!.Trim()).Order(StringComparer.Ordinal).Select(value => $"{name}:{value}");
}
