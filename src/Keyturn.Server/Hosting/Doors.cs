using Keyturn.Server.Api;
using Keyturn.Server.Dialects.DigitalOcean;
using Keyturn.Server.Dialects.HuaweiIam;

namespace Keyturn.Server.Hosting;

/// <summary>Errors that no handler wrote (no such route, no token, a broken request, an exception) in the words of the door that was knocked at.</summary>
internal static class Doors
{
    public static IApplicationBuilder UseDoorErrors(this IApplicationBuilder app) => app.UseStatusCodePages(context =>
    {
        var http = context.HttpContext;
        return DigitalOceanDialect.IsAskedBy(http) ? DigitalOceanErrors.WriteAsync(http)
            : HuaweiDoors.IsAskedBy(http) ? HuaweiDoors.WriteErrorAsync(http)
            : Problems.WriteAsync(http);
    });
}
