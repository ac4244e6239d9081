using Keyturn.Access;
using Keyturn.Access.Policies;
using Keyturn.Instances;
using Keyturn.Resets;
using Keyturn.Server.Access;
using Keyturn.Server.Hosting;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace Keyturn.Server.Dialects.Ddm;

/// <summary>Makes accounts, on every node, with no rights but those on the databases that come with them.</summary>
internal static class DdmCreateCalls
{
    /// <summary>Several accounts. What is wrong with one of them is said before the first is made.</summary>
    public static async Task<IResult> CreateV1Async(
        [FromRoute(Name = DdmPath.InstanceId)] PathText instanceId, HttpContext http, IInstanceStore instances, DdmUsers users, Resetter resetter, CancellationToken cancel)
    {
        var (body, error) = await DdmBody.ReadAsync(http, DdmJson.Default.UsersBody, cancel);
        if (body?.Users is not { Count: > 0 } asked)
        {
            return error ?? DdmErrors.Answer(http, DdmFault.Parameter, "The member users is missing or empty.");
        }

        var answer = () => TypedResults.Json(new UserNames([.. asked.Select(user => new UserName(user!.Name!))]), DdmJson.Default.UserNames);
        return await CreateAsync(http, instanceId, asked, instances, users, resetter, answer, cancel);
    }

    /// <summary>One account.</summary>
    public static async Task<IResult> CreateV3Async(
        [FromRoute(Name = DdmPath.InstanceId)] PathText instanceId, HttpContext http, IInstanceStore instances, DdmUsers users, Resetter resetter, CancellationToken cancel)
    {
        var (body, error) = await DdmBody.ReadAsync(http, DdmJson.Default.UserBody, cancel);
        var answer = () => TypedResults.Json(new Nothing(), DdmJson.Default.Nothing);
        return body is null ? error! : await CreateAsync(http, instanceId, [body], instances, users, resetter, answer, cancel);
    }

    private static async ValueTask<IResult> CreateAsync(
        HttpContext http, PathText instanceId, IReadOnlyList<UserBody?> asked, IInstanceStore instances, DdmUsers users, Resetter resetter, Func<IResult> done,
        CancellationToken cancel)
    {
        var (instance, missing) = await DdmPath.InstanceAsync(http, instanceId, instances, cancel);
        if (instance is null)
        {
            return missing!;
        }

        if (DdmUserRules.Refuse(http, asked) is { } refused)
        {
            return refused;
        }

        // To give rights is more than to make an account that may only log in.
        var giveRights = new RequestedAction(KeyturnAction.ChangeAccount, ProviderAction.DdmCreateUser);
        if (asked.FirstOrDefault(user => DdmRights.Of(user!).Count > 0) is { } powerful && !http.Caller().May(giveRights, instance))
        {
            await http.NoteRefusalAsync(giveRights, instance, new AccountName(powerful.Name!));
            return DdmErrors.Answer(http, DdmFault.Forbidden);
        }

        if (asked.Count > 1 && await RefuseExistingAsync(http, instance, asked, users, cancel) is { } existing)
        {
            return existing;
        }

        return await MakeAsync(http, instance, asked, resetter, cancel) ?? done();
    }

    /// <summary>Of several, none is made where one is there already. A single one is looked at by its creation.</summary>
    private static async ValueTask<JsonHttpResult<DdmError>?> RefuseExistingAsync(
        HttpContext http, Instance instance, IReadOnlyList<UserBody?> asked, DdmUsers users, CancellationToken cancel)
    {
        foreach (var user in asked)
        {
            var (exists, failure) = await users.FindAsync(instance, user!.Name!, cancel);
            if (exists || failure is not null)
            {
                return exists ? DdmErrors.Answer(http, DdmFault.AccountExists, user.Name) : DdmErrors.Of(http, failure!, DdmFault.NotCreated);
            }
        }

        return null;
    }

    /// <summary>In their order; the error of one that is not made tells which were made before it.</summary>
    private static async ValueTask<JsonHttpResult<DdmError>?> MakeAsync(
        HttpContext http, Instance instance, IReadOnlyList<UserBody?> asked, Resetter resetter, CancellationToken cancel)
    {
        var requests = asked.Select(user => http.NewReset(instance, new AccountName(user!.Name!), "ddm.create_user") with
        {
            Kind = ResetKind.Create,
            Password = user.Password,
            Policy = DdmPasswords.OfAccounts,
            Roles = DdmRights.Of(user),
            IdempotencyKey = http.IdempotencyKey(),
        }).ToList();
        var made = new List<string>();
        foreach (var request in requests)
        {
            // Once the first is made, the others are, whoever still listens.
            var outcome = await resetter.RunAsync(request, made.Count == 0 ? cancel : CancellationToken.None);
            if (DdmPasswordCalls.Refuse(http, outcome, DdmFault.NotCreated) is { } error)
            {
                return made.Count == 0 ? error : DdmErrors.Answer(http, DdmFault.NotCreated, $"{request.Account.User}: {error.Value!.ErrorMsg} Made before it: {string.Join(", ", made)}.");
            }

            made.Add(request.Account.User);
        }

        return null;
    }
}
