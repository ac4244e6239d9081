using Keyturn.Access;
using Keyturn.Passwords;
using Keyturn.Server.Access;
using Keyturn.Server.Hosting;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Keyturn.Server.Api.Principals;

internal static class AddCredential
{
    /// <summary>Makes a credential. Its secret is in this answer and never shown again. A new password replaces the one before.</summary>
    public static async Task<Results<Created<IssuedAnswer>, JsonHttpResult<Problem>>> HandleAsync(
        PathText principal, HttpContext http, IPrincipalStore principals, CredentialIssuer issuer, CancellationToken cancel)
    {
        var body = await JsonBody.ReadAsync(http, ApiJson.Default.CredentialBody, cancel);
        if (body.Fault is { } fault)
        {
            return Problems.Malformed(http, fault);
        }

        if (await principals.FindAsync(http.Caller().ProjectId, principal.Text, cancel) is not { } found)
        {
            return Problems.PrincipalMissing(http, principal);
        }

        var asked = body.Value ?? new CredentialBody();
        if (asked.Problems().ToList() is { Count: > 0 } problems)
        {
            return Problems.Of(http, new Refusal(RefusalReason.InvalidRequest, problems[0].Sentence) { Violations = problems });
        }

        var outcome = await issuer.IssueAsync(http.Caller(), http.Credential(), found, asked.Request(), cancel);
        return outcome.Credential is { } credential ? Answer(found, credential, outcome.Secret) : Problems.Of(http, outcome.Refusal!);
    }

    private static Created<IssuedAnswer> Answer(Principal principal, PrincipalCredential credential, Secret? secret) => TypedResults.Created(
        $"{ApiRoutes.Prefix}/principals/{principal.Name}/credentials/{credential.Id}",
        new IssuedAnswer(CredentialAnswer.Of(credential), secret) { Email = credential.Kind == CredentialKind.EmailKey ? principal.Email : null });
}
