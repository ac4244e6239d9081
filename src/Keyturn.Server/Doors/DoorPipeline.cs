using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http.Features;

namespace Keyturn.Server.Doors;

/// <summary>Puts the doors into the pipeline: which one was knocked at, who may come in by it, and its words for errors.</summary>
internal static class DoorPipeline
{
    private const string SchemeName = "door";

    /// <summary>The door that the request knocked at.</summary>
    public static Door Door(this HttpContext http) => http.Features.GetRequiredFeature<Door>();

    /// <summary>The routes of a group are this door's.</summary>
    public static TBuilder WithDoor<TBuilder>(this TBuilder routes, Door door)
        where TBuilder : IEndpointConventionBuilder => routes.WithMetadata(door);

    /// <summary>
    /// Authentication by the scheme of the door. Not by AddAuthentication, which brings Data Protection with it: no cookie is signed here, and it would
    /// put a key of its own into the home directory at each first start.
    /// </summary>
    public static AuthenticationBuilder AddDoorAuthentication(this IServiceCollection services)
    {
        services.AddSingleton<DoorAddresses>().AddSingleton<MatcherPolicy, DoorMatcher>();
        services.AddAuthenticationCore(authentication => authentication.DefaultScheme = SchemeName).AddSingleton(UrlEncoder.Default);
        return new AuthenticationBuilder(services).AddPolicyScheme(SchemeName, displayName: null, policy => policy.ForwardDefaultSelector = http => http.Door().Scheme);
    }

    public static IApplicationBuilder UseDoors(this IApplicationBuilder app) => app
        .Use((http, next) =>
        {
            http.Features.Set(http.RequestServices.GetRequiredService<DoorAddresses>().Choose(http));
            return next(http);
        });

    public static IApplicationBuilder UseDoorErrors(this IApplicationBuilder app) =>
        app.UseStatusCodePages(context => context.HttpContext.Door().WriteErrorAsync(context.HttpContext));
}
