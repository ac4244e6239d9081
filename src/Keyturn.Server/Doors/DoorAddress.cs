using System.Net;

namespace Keyturn.Server.Doors;

/// <summary>
/// An address of a dialect's own: <c>name=url</c>. With an IP address, <c>localhost</c> or <c>*</c> in the URL the server listens there for this
/// dialect alone; with a host name, requests for that host, wherever they arrive, are this dialect's.
/// </summary>
/// <param name="Door">Name of the dialect.</param>
/// <param name="Url">Scheme, host and port.</param>
public sealed record DoorAddress(string Door, string Url)
{
    /// <summary>Whether the server is to listen at the URL; else it is a name that clients use.</summary>
    internal bool IsListener => ListenAddress.TryParse(Url) is not null;

    /// <summary>The host name, for an address that is one.</summary>
    internal string? HostName => !IsListener && Uri.TryCreate(Url, UriKind.Absolute, out var uri) && IsWellFormed(uri) ? uri.IdnHost : null;

    /// <summary>Reads <c>name=url</c>; null when it is something else.</summary>
    public static DoorAddress? TryParse(string text)
    {
        var equals = text.IndexOf('=', StringComparison.Ordinal);
        return equals > 0 ? new DoorAddress(text[..equals], text[(equals + 1)..].TrimEnd('/')) : null;
    }

    private static bool IsWellFormed(Uri uri) =>
        (uri.Scheme == Uri.UriSchemeHttps || uri.Scheme == Uri.UriSchemeHttp) && uri is { PathAndQuery: "/", UserInfo: "", Fragment: "" } && !IPAddress.TryParse(uri.Host, out _);
}
