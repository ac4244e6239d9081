using Keyturn.Access;
using Microsoft.AspNetCore.Http.Features;

namespace Keyturn.Server.Access;

/// <summary>Who calls, as the handlers of both doors see it.</summary>
internal static class Callers
{
    /// <summary>The caller. Everything but health and the API's description is behind authentication, so that there is one.</summary>
    public static Caller Caller(this HttpContext http) => http.Features.GetRequiredFeature<Caller>();

    /// <summary>The client's address. No forwarded header is believed: anyone can write one.</summary>
    public static string SourceAddress(this HttpContext http) => http.Connection.RemoteIpAddress?.ToString() ?? "local";
}
