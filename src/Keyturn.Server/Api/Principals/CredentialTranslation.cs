using Keyturn.Access;
using Keyturn.Server.Access;

namespace Keyturn.Server.Api.Principals;

/// <summary>From a credential on the wire to one that can be made.</summary>
internal static class CredentialTranslation
{
    private const int MaxScopes = 64;
    private const long MaxSeconds = 100L * 365 * 24 * 3600;

    /// <summary>What is wrong with the body by itself.</summary>
    public static IEnumerable<Violation> Problems(this CredentialBody body)
    {
        if (body.Kind is null)
        {
            yield return new Violation("kind", "The kind is one of token, access-key, email-key, password.");
        }

        if (body.ExpiresAt is not null && body.ExpiresInSeconds is not null)
        {
            yield return new Violation("expires-at", "It is expires_at or expires_in_seconds, not both.");
        }

        if (body.ExpiresInSeconds is < 1 or > MaxSeconds)
        {
            yield return new Violation("expires-in-seconds", "It lasts at least a second and at most a hundred years.");
        }

        if (body.Scopes is { } scopes && (scopes.Count > MaxScopes || Parse(scopes) is null))
        {
            yield return new Violation("scopes", "Scopes are 1 to 64 names: actions (keyturn:account:reset, keyturn:account:*, *) or DigitalOcean's (database:read, …).");
        }
    }

    /// <summary>The request of a body without problems.</summary>
    public static CredentialRequest Request(this CredentialBody body) => new(body.Kind!.Value)
    {
        Label = body.Label ?? "",
        Scopes = body.Scopes is { } scopes ? Parse(scopes) : null,
        ExpiresAt = body.ExpiresAt,
        ExpiresIn = body.ExpiresInSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : null,
        Password = body.Password,
    };

    private static Scopes? Parse(IReadOnlyList<string?> names) => Scopes.TryParse([.. names.Select(name => name ?? "")]);
}
