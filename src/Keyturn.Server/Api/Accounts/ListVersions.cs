using Keyturn.Access;
using Keyturn.Access.Policies;
using Keyturn.Instances;
using Keyturn.Passwords;
using Keyturn.Server.Access;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Keyturn.Server.Api.Accounts;

internal static class ListVersions
{
    private const int MaxVersions = 100;

    /// <summary>The versions of an account's password that are kept, newest first; with the passwords only on request.</summary>
    public static async Task<Results<Ok<VersionsAnswer>, JsonHttpResult<Problem>>> HandleAsync(
        [AsParameters] AccountPath path, bool? reveal, HttpContext http, IInstanceStore instances, ISecretStore secrets, SecretReader reader, CancellationToken cancel)
    {
        if (await instances.FindAsync(http, path.Instance, cancel) is not { } instance)
        {
            return Problems.InstanceMissing(http, path.Instance);
        }

        if (reveal is true)
        {
            if (!http.May(KeyturnAction.RevealAccount, instance))
            {
                await http.NoteRefusalAsync(new RequestedAction(KeyturnAction.RevealAccount), instance, path.Name);
                return Problems.NotAllowed(http, KeyturnAction.RevealAccount);
            }

            var outcome = await reader.HistoryAsync(http.Caller(), instance, path.Name, cancel);
            return outcome.Refusal is { } refusal ? Problems.Of(http, refusal) : Answer(outcome.Versions, withPasswords: true);
        }

        return await instances.FindAccountAsync(instance.Id, path.Name, cancel) is { } account
            ? Answer((await secrets.ReadAsync(account.Id, MaxVersions, cancel)).Versions, withPasswords: false)
            : Problems.Of(http, new Refusal(RefusalReason.SecretMissing, $"Keyturn holds no password of {path.Name}."));
    }

    private static Ok<VersionsAnswer> Answer(IReadOnlyList<StoredSecret> versions, bool withPasswords) => TypedResults.Ok(new VersionsAnswer(
        [.. versions.Select(version => new VersionWire(version.Version, version.State, version.CreatedAt, version.ResetId, withPasswords ? version.Password : null))]));
}
