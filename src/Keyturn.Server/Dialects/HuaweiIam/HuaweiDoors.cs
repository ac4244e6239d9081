namespace Keyturn.Server.Dialects.HuaweiIam;

/// <summary>What the doors of IAM, GaussDB, DDM and DDS have in common, as it is put into the pipeline.</summary>
internal static class HuaweiDoors
{
    /// <summary>Paths of the four services on a listener that others share.</summary>
    private static readonly string[] Prefixes = ["/v1", "/v3", "/v3.0", "/mysql/v3"];

    public static bool IsAskedBy(HttpContext http) => Prefixes.Any(prefix => http.Request.Path.StartsWithSegments(prefix, StringComparison.Ordinal));

    public static void AddHuawei(this IServiceCollection services)
    {
        services.AddAuthentication().AddScheme<HuaweiOptions, HuaweiHandler>(HuaweiHandler.SchemeName, configureOptions: null);
        services.AddSingleton<SignedCalls>().AddSingleton<SignIn>();
    }

    /// <summary>Their clients show the request's id in error texts; it is 32 hexadecimal digits there.</summary>
    public static IApplicationBuilder UseHuaweiRequestId(this IApplicationBuilder app, Func<HttpContext, bool> isAsked) => app.Use((http, next) =>
    {
        if (isAsked(http))
        {
            http.TraceIdentifier = Guid.NewGuid().ToString("N");
        }

        return next(http);
    });

    /// <summary>An answer that no handler wrote.</summary>
    public static Task WriteErrorAsync(HttpContext http) => HuaweiIamDialect.IsAskedBy(http) ? IamErrors.WriteAsync(http) : HuaweiErrors.WriteAsync(http);
}
