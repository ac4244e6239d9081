using System.Text.Encodings.Web;
using Keyturn.Access;
using Keyturn.Passwords;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

namespace Keyturn.Server.Access;

/// <summary>Bearer tokens (RFC 6750) to callers. Says only who calls; the body of a 401 is the door's.</summary>
internal sealed class BearerHandler(
    IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder, IPrincipalStore principals)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    public const string SchemeName = "Bearer";

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (Token() is not { } token)
        {
            return AuthenticateResult.NoResult();
        }

        if (await principals.FindByHashAsync(CredentialKind.Token, ApiToken.Hash(token), Context.RequestAborted) is not { } known)
        {
            return AuthenticateResult.Fail("Unknown token.");
        }

        if (known.Credential.IsExpired(TimeProvider.GetUtcNow()))
        {
            return AuthenticateResult.Fail("Expired token.");
        }

        return Context.LetIn(known, SchemeName);
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        Response.StatusCode = StatusCodes.Status401Unauthorized;
        Response.Headers.WWWAuthenticate = SchemeName;
        return Task.CompletedTask;
    }

    private Secret? Token()
    {
        var header = Request.Headers[HeaderNames.Authorization].ToString();
        var token = header.StartsWith($"{SchemeName} ", StringComparison.OrdinalIgnoreCase) ? header[(SchemeName.Length + 1)..].Trim() : "";
        return token.Length == 0 ? null : new Secret(token);
    }
}
