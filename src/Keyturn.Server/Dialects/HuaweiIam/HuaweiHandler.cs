using System.Text.Encodings.Web;
using Keyturn.Access;
using Keyturn.Passwords;
using Keyturn.Server.Access;
using Keyturn.Server.Dialects.HuaweiIam.Signatures;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;

namespace Keyturn.Server.Dialects.HuaweiIam;

/// <summary>What may be set about <see cref="HuaweiHandler"/>.</summary>
internal sealed class HuaweiOptions : AuthenticationSchemeOptions
{
    /// <summary>How far a client's clock may be off, either way.</summary>
    public TimeSpan ClockWindow { get; set; } = TimeSpan.FromMinutes(15);
}

/// <summary>
/// Signatures and tokens to callers, for GaussDB, DDM, DDS and IAM: a signature decides where there is one, else a token does. Says only who
/// calls; the body of a 401 is the door's.
/// </summary>
internal sealed class HuaweiHandler(IOptionsMonitor<HuaweiOptions> options, ILoggerFactory logger, UrlEncoder encoder, SignedCalls signedCalls, IPrincipalStore principals)
    : AuthenticationHandler<HuaweiOptions>(options, logger, encoder)
{
    public const string SchemeName = "Huawei";
    public const string TokenHeader = "X-Auth-Token";

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        var authorization = Request.Headers.Authorization.ToString();
        var token = Request.Headers[TokenHeader].ToString();
        if (SignatureHeader.IsMeant(authorization))
        {
            return Answer(await signedCalls.RecogniseAsync(Context, authorization, Options.ClockWindow));
        }

        return token.Length > 0 ? Answer(await RecogniseAsync(new Secret(token))) : AuthenticateResult.NoResult();
    }

    /// <summary>What is no route of ours becomes a 404 in the words of the door: there is nothing to authenticate for.</summary>
    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        Response.StatusCode = StatusCodes.Status401Unauthorized;
        Response.Headers.WWWAuthenticate = Context.GetEndpoint() is RouteEndpoint ? "SDK-HMAC-SHA256" : default(StringValues);
        return Task.CompletedTask;
    }

    private async ValueTask<HuaweiCredential> RecogniseAsync(Secret token) => await principals.FindSessionAsync(token, Context.RequestAborted) switch
    {
        null => HuaweiRefusal.UnknownToken,
        { Credential: var session } when session.IsExpired(TimeProvider.GetUtcNow()) => HuaweiRefusal.ExpiredToken,
        var known => known,
    };

    private AuthenticateResult Answer(HuaweiCredential credential)
    {
        if (credential.Known is { } known)
        {
            return Context.LetIn(known, SchemeName);
        }

        Context.Features.Set(credential.Refusal);
        return AuthenticateResult.Fail(credential.Refusal!.Code);
    }
}
