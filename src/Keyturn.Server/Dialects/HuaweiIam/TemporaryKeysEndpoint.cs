using Keyturn.Access;
using Keyturn.Audit;
using Keyturn.Server.Access;
using Keyturn.Server.Hosting;

namespace Keyturn.Server.Dialects.HuaweiIam;

/// <summary><c>/v3.0/OS-CREDENTIAL/securitytokens</c>: a session's temporary key pair. IAM's own calls, which Keystone does not have, are refused in the shape of Huawei's services.</summary>
internal static class TemporaryKeysEndpoint
{
    private const int DefaultSeconds = 900;
    private const int MaxSeconds = 86_400;
    private const int MostPerPrincipal = 20;

    /// <summary>The pair may do what the caller's credential may, and ends no later; it goes when a credential is revoked that it may have come from.</summary>
    public static async Task<IResult> CreateAsync(HttpContext http, IPrincipalStore principals, TimeProvider clock, CancellationToken cancel)
    {
        var body = await JsonBody.ReadAsync(http, IamJson.Default.AuthRequest, cancel);
        if (body.Value?.Auth?.Identity is not { Methods: ["token"] } identity || identity.Token?.DurationSeconds is < DefaultSeconds or > MaxSeconds)
        {
            return HuaweiErrors.Answer(http, StatusCodes.Status400BadRequest, "IAM.0011", "Request body is invalid.");
        }

        var shown = http.Credential();
        var now = clock.GetUtcNow();
        if (!await MakeRoomAsync(http.Caller(), shown.PrincipalId, principals, now, cancel))
        {
            return HuaweiErrors.Answer(http, StatusCodes.Status409Conflict, "IAM.0007", $"There are {MostPerPrincipal} temporary access keys already: wait for one to end.");
        }

        var end = now.AddSeconds(identity.Token?.DurationSeconds ?? DefaultSeconds);
        var pair = new PrincipalCredential(Guid.CreateVersion7(now), shown.PrincipalId, CredentialKind.AccessKey, "temporary", now)
        {
            PublicId = AccessKey.GenerateId(PrincipalCredential.TemporaryPrefix),
            Scopes = shown.Scopes,
            ExpiresAt = shown.ExpiresAt < end ? shown.ExpiresAt : end,
        };
        var secretKey = AccessKey.GenerateSecret();
        var entry = new AuditEntry { Caller = http.Caller(), Action = "credential.add", Outcome = "done", Detail = $"temporary access key {pair.PublicId}" };
        if (!await principals.AddCredentialAsync(pair, new CredentialMaterial(Hash: default, secretKey), shown.Id, entry, cancel))
        {
            return IamErrors.Unauthorized();
        }

        return HuaweiIamDialect.Json(
            new TemporaryKeysAnswer(new TemporaryKeys(pair.PublicId, secretKey, SecurityToken.Of(pair.PublicId, secretKey), Keystone.Time(pair.ExpiresAt!.Value))),
            StatusCodes.Status201Created);
    }

    /// <summary>Pairs whose time is over go when a new one is asked for; nothing else looks after them.</summary>
    private static async ValueTask<bool> MakeRoomAsync(Caller caller, Guid principalId, IPrincipalStore principals, DateTimeOffset now, CancellationToken cancel)
    {
        var pairs = (await principals.ListCredentialsAsync(principalId, cancel)).Where(pair => pair.IsTemporary).ToLookup(pair => pair.IsExpired(now));
        foreach (var ended in pairs[true])
        {
            var entry = new AuditEntry { Caller = caller, Action = "credential.remove", Outcome = "done", Detail = $"temporary access key {ended.PublicId}, expired" };
            await principals.RemoveEndedAsync(principalId, ended.Id, entry, cancel);
        }

        return pairs[false].Count() < MostPerPrincipal;
    }
}
