using Microsoft.AspNetCore.Http.Features;

namespace Keyturn.Server.Hosting;

/// <summary>
/// Routes see the path as it was sent. Kestrel decodes it, all but <c>%2F</c>, and folds <c>.</c> and <c>..</c>: afterwards the account
/// <c>a/b</c> cannot be told from <c>a%2Fb</c>, and the account <c>..</c> cannot be named. <see cref="PathText"/> decodes each segment, once.
/// </summary>
internal static class RawPath
{
    public static IApplicationBuilder UseRawPath(this IApplicationBuilder app) => app.Use((http, next) =>
    {
        var target = WithoutOrigin(http.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget);
        if (target.StartsWith('/'))
        {
            var query = target.IndexOf('?', StringComparison.Ordinal);
            http.Request.Path = new PathString(query < 0 ? target : target[..query]);
        }

        return next(http);
    });

    /// <summary>Clients that take the server for a proxy send the whole URL (the absolute-form of RFC 9112).</summary>
    private static string WithoutOrigin(string target)
    {
        var scheme = target.StartsWith('/') ? -1 : target.IndexOf("://", StringComparison.Ordinal);
        var path = scheme < 0 ? 0 : target.IndexOf('/', scheme + "://".Length);
        return path < 0 ? target : target[path..];
    }
}
