using Keyturn.Instances;
using Keyturn.Resets;
using Keyturn.Server.Access;
using Keyturn.Server.Hosting;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace Keyturn.Server.Dialects.GaussDb;

/// <summary><c>POST …/instances/{instance_id}/password</c>: the administrator's new password, which the caller gives.</summary>
internal static class ResetPassword
{
    public static async Task<IResult> HandleAsync(
        [FromRoute(Name = "instance_id")] PathText instanceId, HttpContext http, IInstanceStore instances, GaussDbAccounts accounts, Resetter resetter, CancellationToken cancel)
    {
        var body = await JsonBody.ReadAsync(http, GaussDbJson.Default.PasswordBody, cancel);
        if (body.Value?.Password is not { } password)
        {
            return Malformed(http, body);
        }

        var found = await instances.FindGaussDbAsync(http, instanceId, cancel);
        if (found.Instance is not { } instance)
        {
            return GaussDbErrors.Answer(http, found.Fault!);
        }

        var request = http.NewReset(instance, await accounts.AdministratorAsync(instance, cancel), "gaussdb.reset_password", ofAdministrator: true) with
        {
            Password = password,
            Policy = GaussDbPasswords.OfAdministrator,
            IdempotencyKey = http.IdempotencyKey(),
        };
        return Answer(http, instance, await resetter.RunAsync(request, cancel));
    }

    /// <summary>Exactly 200 and <c>{}</c>: other codes, and an empty body, are errors to one client or another.</summary>
    private static IResult Answer(HttpContext http, Instance instance, ResetOutcome outcome)
    {
        if (outcome.Reset is not { } reset)
        {
            return GaussDbErrors.Of(http, instance, outcome.Refusal!);
        }

        http.AnswerWith(reset);
        return reset.State == ResetState.Done ? TypedResults.Json(new Nothing(), GaussDbJson.Default.Nothing) : GaussDbErrors.Of(http, reset);
    }

    private static JsonHttpResult<GaussDbError> Malformed(HttpContext http, JsonBody<PasswordBody> body) => body switch
    {
        { Fault: { } fault } => GaussDbErrors.Answer(http, GaussDbFault.Parameter, fault),
        { Value: null } => GaussDbErrors.Answer(http, GaussDbFault.EmptyRequest),
        { Value.Others: { } others } when others.Keys.Any(name => name.Equals("password", StringComparison.OrdinalIgnoreCase)) =>
            GaussDbErrors.Answer(http, GaussDbFault.LetterCase),
        _ => GaussDbErrors.Answer(http, GaussDbFault.Parameter, "The member password is missing."),
    };
}
