using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using Keyturn.Access;
using Keyturn.Passwords;
using Keyturn.Server.Access;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

namespace Keyturn.Server.Dialects.Upstash;

/// <summary>
/// Basic authentication (RFC 7617) with an account's e-mail address and an API key. The key finds its principal by hash, as a token does;
/// the address has to be that principal's.
/// </summary>
internal sealed class UpstashHandler(
    IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder, IPrincipalStore principals)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    public const string SchemeName = "Basic";

    /// <summary>What a client shows.</summary>
    private sealed record Shown(string Email, Secret Key);

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (Read(Request.Headers[HeaderNames.Authorization].ToString()) is not { } shown)
        {
            return AuthenticateResult.NoResult();
        }

        var known = await principals.FindByHashAsync(CredentialKind.EmailKey, EmailKey.Hash(shown.Key), Context.RequestAborted);
        if (known is not { Principal.Email: { } email } || !IsSame(shown.Email, email))
        {
            return AuthenticateResult.Fail("Unknown address or key.");
        }

        if (known.Credential.IsExpired(TimeProvider.GetUtcNow()))
        {
            return AuthenticateResult.Fail("Expired key.");
        }

        return Context.LetIn(known, SchemeName);
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        Response.StatusCode = StatusCodes.Status401Unauthorized;
        Response.Headers.WWWAuthenticate = $"{SchemeName} realm=\"upstash\"";
        return Task.CompletedTask;
    }

    /// <summary>The address ends at the first colon; null where the header is of another scheme or malformed.</summary>
    private static Shown? Read(string header)
    {
        var encoded = header.StartsWith($"{SchemeName} ", StringComparison.OrdinalIgnoreCase) ? header.AsSpan(SchemeName.Length + 1).Trim() : [];
        var bytes = new byte[encoded.Length];
        if (!Convert.TryFromBase64Chars(encoded, bytes, out var length))
        {
            return null;
        }

        var text = Encoding.UTF8.GetString(bytes.AsSpan(0, length));
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        return colon > 0 ? new Shown(text[..colon], new Secret(text[(colon + 1)..])) : null;
    }

    private static bool IsSame(string shown, string email) =>
        CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(shown.ToLowerInvariant()), Encoding.UTF8.GetBytes(email.ToLowerInvariant()));
}
