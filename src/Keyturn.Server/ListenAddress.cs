using System.Net;

namespace Keyturn.Server;

/// <summary>One address to listen on.</summary>
/// <param name="IsTls">https.</param>
/// <param name="Address">The IP address; null means both loopback addresses (<c>localhost</c>).</param>
/// <param name="Port">TCP port; 0 lets the system choose.</param>
internal sealed record ListenAddress(bool IsTls, IPAddress? Address, int Port)
{
    public bool IsLoopback => Address is null || IPAddress.IsLoopback(Address);

    /// <summary>Reads <c>scheme://host:port</c>; null when it is something else.</summary>
    public static ListenAddress? TryParse(string url)
    {
        // Uri knows no "*" host; Kestrel takes it for "all addresses".
        var text = url.Replace("://*", "://[::]", StringComparison.Ordinal);
        return Uri.TryCreate(text, UriKind.Absolute, out var uri)
            && (uri.Scheme == Uri.UriSchemeHttps || uri.Scheme == Uri.UriSchemeHttp)
            && uri is { PathAndQuery: "/", UserInfo: "", Fragment: "" }
            && TryParseHost(uri, out var address)
            ? new ListenAddress(uri.Scheme == Uri.UriSchemeHttps, address, uri.Port)
            : null;
    }

    private static bool TryParseHost(Uri uri, out IPAddress? address) => IPAddress.TryParse(uri.Host, out address) || uri.Host == "localhost";
}
