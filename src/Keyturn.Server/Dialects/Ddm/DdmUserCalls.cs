using Keyturn.Instances;
using Keyturn.Server.Access;
using Keyturn.Server.Hosting;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace Keyturn.Server.Dialects.Ddm;

/// <summary>Accounts of an instance in the two versions: list, change, delete. Each means every node.</summary>
internal static class DdmUserCalls
{
    private const string Running = "RUNNING";

    public static async Task<IResult> ListV1Async(
        [FromRoute(Name = DdmPath.InstanceId)] PathText instanceId, HttpContext http, IInstanceStore instances, DdmUsers users, CancellationToken cancel)
    {
        var (page, total, shown, error) = await ListAsync(http, instanceId, instances, users, cancel);
        return page is null
            ? error!
            : TypedResults.Json(new UsersV1([.. shown.Select(RenderV1)], page.Number, page.Limit, total, page.Count(total)), DdmJson.Default.UsersV1);
    }

    public static async Task<IResult> ListV3Async(
        [FromRoute(Name = DdmPath.InstanceId)] PathText instanceId, HttpContext http, IInstanceStore instances, DdmUsers users, CancellationToken cancel)
    {
        var (page, total, shown, error) = await ListAsync(http, instanceId, instances, users, cancel);
        return page is null ? error! : TypedResults.Json(new UsersV3(total, page.Offset, page.Limit, [.. shown.Select(RenderV3)]), DdmJson.Default.UsersV3);
    }

    public static async Task<IResult> ChangeV1Async(
        [FromRoute(Name = DdmPath.InstanceId)] PathText instanceId, PathText username, HttpContext http, IInstanceStore instances, DdmUsers users, CancellationToken cancel)
    {
        var (body, error) = await DdmBody.ReadAsync(http, DdmJson.Default.ChangedUserBody, cancel);
        return body?.User is { } asked
            ? await ChangeAsync(http, instanceId, username, asked, instances, users, () => Named(username), cancel)
            : error ?? DdmErrors.Answer(http, DdmFault.Parameter, "The member user is missing.");
    }

    public static async Task<IResult> ChangeV3Async(
        [FromRoute(Name = DdmPath.InstanceId)] PathText instanceId, PathText username, HttpContext http, IInstanceStore instances, DdmUsers users, CancellationToken cancel)
    {
        var (body, error) = await DdmBody.ReadAsync(http, DdmJson.Default.UserBody, cancel);
        return body is null ? error! : await ChangeAsync(http, instanceId, username, body, instances, users, Nothing, cancel);
    }

    public static async Task<IResult> DeleteV1Async(
        [FromRoute(Name = DdmPath.InstanceId)] PathText instanceId, PathText username, HttpContext http, IInstanceStore instances, Roster roster, CancellationToken cancel) =>
        await DeleteAsync(http, instanceId, username, instances, roster, () => Named(username), cancel);

    public static async Task<IResult> DeleteV3Async(
        [FromRoute(Name = DdmPath.InstanceId)] PathText instanceId, PathText username, HttpContext http, IInstanceStore instances, Roster roster, CancellationToken cancel) =>
        await DeleteAsync(http, instanceId, username, instances, roster, Nothing, cancel);

    private static async ValueTask<(DdmPage? Page, int Total, IReadOnlyList<DdmUsers.Shown> Shown, JsonHttpResult<DdmError>? Error)> ListAsync(
        HttpContext http, PathText instanceId, IInstanceStore instances, DdmUsers users, CancellationToken cancel)
    {
        if (DdmPage.TryRead(http.Request) is not { } page)
        {
            return (null, 0, [], DdmErrors.Answer(http, DdmFault.Parameter, "An offset is 0 or more, a limit 1 to 128."));
        }

        var (instance, missing) = await DdmPath.InstanceAsync(http, instanceId, instances, cancel);
        if (instance is null)
        {
            return (null, 0, [], missing);
        }

        var listed = await users.ListAsync(instance, cancel);
        if (listed.Value is not { } all)
        {
            return (null, 0, [], DdmErrors.Of(http, listed.Failure!, DdmFault.NotQueried));
        }

        var shown = new List<DdmUsers.Shown>();
        foreach (var user in page.Of(all))
        {
            shown.Add(await users.ShowAsync(user, cancel));
        }

        return (page, all.Count, shown, null);
    }

    /// <summary>Nothing of an account but its password is Keyturn's to change: what asks for more is refused, what asks for nothing is done.</summary>
    private static async ValueTask<IResult> ChangeAsync(
        HttpContext http, PathText instanceId, PathText username, UserBody asked, IInstanceStore instances, DdmUsers users, Func<IResult> done, CancellationToken cancel)
    {
        var (instance, missing) = await DdmPath.InstanceAsync(http, instanceId, instances, cancel);
        if (instance is null)
        {
            return missing!;
        }

        if (DdmUserRules.RefuseChange(http, asked) is { } refused)
        {
            return refused;
        }

        var (exists, failure) = await users.FindAsync(instance, username.Text, cancel);
        return failure is not null ? DdmErrors.Of(http, failure, DdmFault.NotQueried)
            : exists ? done()
            : DdmErrors.Answer(http, DdmFault.AccountMissing);
    }

    private static async ValueTask<IResult> DeleteAsync(
        HttpContext http, PathText instanceId, PathText username, IInstanceStore instances, Roster roster, Func<IResult> done, CancellationToken cancel)
    {
        var (instance, missing) = await DdmPath.InstanceAsync(http, instanceId, instances, cancel);
        if (instance is null)
        {
            return missing!;
        }

        return await roster.DropAsync(http.Caller(), instance, new AccountName(username.Text), cancel) is { } refusal ? DdmErrors.Of(http, refusal, DdmFault.NotDeleted) : done();
    }

    private static UserV1 RenderV1(DdmUsers.Shown user) => new()
    {
        Name = user.Name,
        Status = Running,
        BaseAuthority = DdmRights.Authority(user.Rights),
        Databases = DdmRights.Databases(user.Rights),
        Created = user.CreatedAt?.ToUnixTimeMilliseconds(),
        PasswordLastChanged = user.ChangedAt?.ToUnixTimeMilliseconds(),
    };

    private static UserV3 RenderV3(DdmUsers.Shown user) => new()
    {
        Name = user.Name,
        Status = Running,
        BaseAuthority = DdmRights.Authority(user.Rights),
        Databases = DdmRights.Databases(user.Rights),
        Created = user.CreatedAt is { } created ? DdmInstances.Time(created) : null,
        PasswordLastChanged = user.ChangedAt is { } changed ? DdmInstances.Time(changed) : null,
    };

    private static JsonHttpResult<Nothing> Nothing() => TypedResults.Json(new Nothing(), DdmJson.Default.Nothing);

    private static JsonHttpResult<UserName> Named(PathText username) => TypedResults.Json(new UserName(username.Text), DdmJson.Default.UserName);
}
