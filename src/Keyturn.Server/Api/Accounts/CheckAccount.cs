using Keyturn.Checks;
using Keyturn.Engines;
using Keyturn.Instances;
using Keyturn.Server.Access;
using Keyturn.Server.Hosting;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Keyturn.Server.Api.Accounts;

internal static class CheckAccount
{
    /// <summary>Says whether the database accepts a password. Changes nothing. A database that cannot be asked is a problem, not a no.</summary>
    public static async Task<Results<Ok<CheckAnswer>, JsonHttpResult<Problem>>> HandleAsync(
        [AsParameters] AccountPath path, HttpContext http, IInstanceStore instances, Checker checker, CancellationToken cancel)
    {
        var body = await JsonBody.ReadAsync(http, ApiJson.Default.CheckBody, cancel);
        if (body.Fault is not null || body.Value?.Password is not { } password)
        {
            return Problems.Malformed(http, body.Fault ?? "The member password is missing.");
        }

        if (await instances.FindAsync(http, path.Instance, cancel) is not { } instance)
        {
            return Problems.InstanceMissing(http, path.Instance);
        }

        var outcome = await checker.CheckAsync(http.Caller(), instance, path.Name, password, cancel);
        return outcome.Login switch
        {
            null => Problems.Of(http, outcome.Refusal!),
            { Login: Login.Unreachable, Failure: var failure } => Problems.Of(http, failure!),
            var login => TypedResults.Ok(Answer(login)),
        };
    }

    private static CheckAnswer Answer(LoginResult login) => new(
        login.Login == Login.Accepted, login.Login, login.Failure?.Error, login.Failure?.Detail, login.Failure?.Error.NextStep());
}
