using Keyturn.Instances;
using Keyturn.Resets;
using Keyturn.Server.Access;
using Keyturn.Server.Dialects.HuaweiIam;
using Keyturn.Server.Hosting;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace Keyturn.Server.Dialects.Ddm;

/// <summary>New passwords, which the caller gives: of accounts and of the administrator; and whether one would be weak.</summary>
internal static class DdmPasswordCalls
{
    /// <summary>Longest name that a path may have. Accounts that DDM makes have 32 characters at most; others may be there.</summary>
    private const int LongestName = 36;

    /// <summary>Longer ones are weighed by nobody: a reset would refuse them.</summary>
    private const int LongestJudged = 128;

    /// <summary><c>POST /v3/…/users/{username}/password</c>: exactly 200 and <c>{}</c>.</summary>
    public static Task<IResult> ResetAsync(
        [FromRoute(Name = DdmPath.InstanceId)] PathText instanceId, PathText username, HttpContext http, IInstanceStore instances, Roster roster, Resetter resetter, CancellationToken cancel) =>
        ResetAsync(http, instanceId, username, instances, roster, resetter, _ => TypedResults.Json(new Nothing(), DdmJson.Default.Nothing), cancel);

    /// <summary><c>POST /v2/…/users/{username}/password</c>, which Terraform calls.</summary>
    public static Task<IResult> ResetV2Async(
        [FromRoute(Name = DdmPath.InstanceId)] PathText instanceId, PathText username, HttpContext http, IInstanceStore instances, Roster roster, Resetter resetter, CancellationToken cancel) =>
        ResetAsync(
            http, instanceId, username, instances, roster, resetter,
            instance => TypedResults.Json(new ResetAnswer(Success: true, DdmInstances.Id(instance), username.Text), DdmJson.Default.ResetAnswer), cancel);

    /// <summary><c>PUT /v3/…/admin-user</c>: makes the administrator where there is none yet, else gives it this password.</summary>
    public static async Task<IResult> SetAdministratorAsync(
        [FromRoute(Name = DdmPath.InstanceId)] PathText instanceId, HttpContext http, IInstanceStore instances, DdmUsers users, Roster roster, Resetter resetter, CancellationToken cancel)
    {
        var (body, error) = await DdmBody.ReadAsync(http, DdmJson.Default.AdminUserBody, cancel);
        if (body is not { Name: { } name, Password: { } password })
        {
            return error ?? DdmErrors.Answer(http, DdmFault.Parameter, "The members name and password are needed.");
        }

        var (instance, missing) = await DdmPath.InstanceAsync(http, instanceId, instances, cancel);
        if (instance is null)
        {
            return missing!;
        }

        if (name != DdmInstances.Administrator(instance))
        {
            return DdmErrors.Answer(http, DdmFault.AccountName, $"The administrator of this instance is {DdmInstances.Administrator(instance)}.");
        }

        var (exists, failure) = await users.FindAsync(instance, name, cancel);
        if (failure is not null)
        {
            return DdmErrors.Of(http, failure, DdmFault.NotReset);
        }

        var request = http.NewReset(instance, await roster.NameOfUserAsync(instance, name, cancel), DdmJobs.Operation, ofAdministrator: instance.MainAccount is not null) with
        {
            Kind = exists ? ResetKind.Reset : ResetKind.Create,
            Password = password,
            Policy = DdmPasswords.OfAdministrator,
            IdempotencyKey = http.IdempotencyKey(),
        };
        var outcome = await resetter.RunAsync(request, cancel);
        return Refuse(http, outcome, exists ? DdmFault.NotReset : DdmFault.NotCreated) is { } refused
            ? refused
            : TypedResults.Json(new AdminUserAnswer(DdmInstances.Id(instance), HuaweiId.Format(outcome.Reset!.Id)), DdmJson.Default.AdminUserAnswer);
    }

    /// <summary><c>POST /v3/{project_id}/weak-password-verification</c>.</summary>
    public static async Task<IResult> JudgeAsync(HttpContext http, CancellationToken cancel)
    {
        var (body, error) = await DdmBody.ReadAsync(http, DdmJson.Default.PasswordBody, cancel);
        if (body?.Password is not { } password || password.Reveal().Length is 0 or > LongestJudged)
        {
            return error ?? DdmErrors.Answer(http, DdmFault.Parameter, $"The member password is needed, with 1 to {LongestJudged} characters.");
        }

        var isWeak = DdmPasswords.IsWeak(password);
        return TypedResults.Json(new WeakPasswordAnswer(isWeak, isWeak), DdmJson.Default.WeakPasswordAnswer);
    }

    /// <summary>The error of a reset that is not done; null where it is.</summary>
    public static JsonHttpResult<DdmError>? Refuse(HttpContext http, ResetOutcome outcome, DdmFault operation)
    {
        if (outcome.Reset is not { } reset)
        {
            return DdmErrors.Of(http, outcome.Refusal!, operation);
        }

        http.AnswerWith(reset);
        return reset.State == ResetState.Done ? null : DdmErrors.Of(http, reset, operation);
    }

    private static async Task<IResult> ResetAsync(
        HttpContext http, PathText instanceId, PathText username, IInstanceStore instances, Roster roster, Resetter resetter, Func<Instance, IResult> done, CancellationToken cancel)
    {
        var (body, error) = await DdmBody.ReadAsync(http, DdmJson.Default.PasswordBody, cancel);
        if (body?.Password is not { } password)
        {
            return error ?? DdmErrors.Answer(http, DdmFault.Parameter, "The member password is missing.");
        }

        var (instance, missing) = await DdmPath.InstanceAsync(http, instanceId, instances, cancel);
        if (instance is null)
        {
            return missing!;
        }

        if (username.Text.Length > LongestName)
        {
            return DdmErrors.Answer(http, DdmFault.AccountName);
        }

        // The same request is the same through either version: what one began, the other may ask after.
        var request = http.NewReset(instance, await roster.NameOfUserAsync(instance, username.Text, cancel), "ddm.reset_password") with
        {
            Password = password,
            Policy = DdmPasswords.OfAccounts,
            IdempotencyKey = http.IdempotencyKey(),
        };
        return Refuse(http, await resetter.RunAsync(request, cancel), DdmFault.NotReset) ?? done(instance);
    }
}
