using System.Security.Claims;
using Keyturn.Access;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http.Features;

namespace Keyturn.Server.Access;

/// <summary>Who calls, as the handlers of all doors see it.</summary>
internal static class Callers
{
    /// <summary>The caller. Everything but health and the API's description is behind authentication, so that there is one.</summary>
    public static Caller Caller(this HttpContext http) => http.Features.GetRequiredFeature<Caller>();

    /// <summary>Lets in whoever showed a good credential, whichever way: the handlers behind the door find its <see cref="Caller"/>.</summary>
    public static AuthenticateResult LetIn(this HttpContext http, KnownCredential known, string scheme)
    {
        var principal = known.Principal;
        http.Features.Set(new Caller(principal.Id, principal.Name, principal.ProjectId, http.SourceAddress(), http.TraceIdentifier) { Scopes = known.Credential.Scopes, IsOwner = principal.IsOwner });
        http.Features.Set(known);
        var identity = new ClaimsIdentity([new Claim(ClaimTypes.Name, principal.Name)], scheme);
        return AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(identity), scheme));
    }

    /// <summary>The credential that the caller showed, with whose it is.</summary>
    public static KnownCredential Known(this HttpContext http) => http.Features.GetRequiredFeature<KnownCredential>();

    /// <summary>The credential that the caller showed.</summary>
    public static PrincipalCredential Credential(this HttpContext http) => http.Known().Credential;

    /// <summary>The client's address. No forwarded header is believed: anyone can write one.</summary>
    public static string SourceAddress(this HttpContext http) => http.Connection.RemoteIpAddress?.ToString() ?? "local";
}
