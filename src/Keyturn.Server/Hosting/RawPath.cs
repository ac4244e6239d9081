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
        var target = http.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        if (target.StartsWith('/'))
        {
            var query = target.IndexOf('?', StringComparison.Ordinal);
            http.Request.Path = new PathString(query < 0 ? target : target[..query]);
        }

        return next(http);
    });
}
