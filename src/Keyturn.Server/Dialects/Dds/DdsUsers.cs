using System.Text.Json;
using Keyturn.Access;
using Keyturn.Access.Policies;
using Keyturn.Engines;
using Keyturn.Instances;
using Keyturn.Resets;
using Keyturn.Server.Access;
using Keyturn.Server.Hosting;

namespace Keyturn.Server.Dialects.Dds;

/// <summary>Accounts of an instance: <c>db-user</c>.</summary>
internal static class DdsUsers
{
    /// <summary>Makes an account, with its password and roles at once or not at all.</summary>
    public static async Task<IResult> CreateAsync(PathText instance_id, HttpContext http, IInstanceStore instances, Resetter resetter, CancellationToken cancel)
    {
        var asked = await DdsRequest.ReadAsync(http, instance_id, instances, DdsJson.Default.NewUserBody, cancel);
        if (asked is not { Instance: { } instance, Body: { } body })
        {
            return asked.Refusal!;
        }

        if (body is not { UserPwd: { } password, UserName: { } user, Roles: { } roles } || !roles.All(role => role is { RoleName: not null, RoleDbName: not null }))
        {
            return DdsErrors.Answer(http, DdsError.Parameter);
        }

        if (DdsForm.Account(instance, user, body.DbName) is not { } account)
        {
            return DdsErrors.Answer(http, DdsError.UserName);
        }

        var giveRoles = new RequestedAction(KeyturnAction.ChangeAccount, ProviderAction.DdsCreateUser);
        if (roles.Count > 0 && !http.Caller().May(giveRoles, instance))
        {
            await http.NoteRefusalAsync(giveRoles, instance, account);
            return DdsErrors.Forbidden(http, KeyturnAction.ChangeAccount);
        }

        var request = http.NewReset(instance, account, "dds.create_user") with
        {
            Kind = ResetKind.Create,
            Password = password,
            Policy = DdsForm.NewPassword,
            Roles = [.. roles.Select(role => new AccountRole(role!.RoleName!, role.RoleDbName!))],
            IdempotencyKey = http.IdempotencyKey(),
        };
        return DdsPasswords.Answer(http, DdsOperation.Create, instance, await resetter.RunAsync(request, cancel));
    }

    /// <summary>The accounts that the server has, of one name or database if one is asked for.</summary>
    public static async Task<IResult> ListAsync(PathText instance_id, HttpContext http, IInstanceStore instances, Roster roster, CancellationToken cancel)
    {
        var (instance, refusal) = await DdsRequest.FindAsync(http, instance_id, instances, cancel);
        if (instance is null)
        {
            return refusal!;
        }

        if (DdsPage.TryRead(http.Request.Query, out var page) is { } fault)
        {
            return DdsErrors.Answer(http, fault);
        }

        var listed = await roster.ListAsync(instance, cancel);
        if (listed.Value is not { } lines)
        {
            return DdsErrors.Of(http, DdsOperation.List, listed.Failure!);
        }

        var users = lines.Select(line => line.Row).OfType<AccountRow>().Select(row => Render(instance, row)).Where(user => IsAsked(http.Request.Query, user)).ToList();
        var text = JsonSerializer.Serialize([.. page.Of(users)], DdsJson.Default.IReadOnlyListDdsUser);
        return TypedResults.Json(new UsersAnswer(text, users.Count), DdsJson.Default.UsersAnswer);
    }

    /// <summary>Drops an account; name and database are in the body.</summary>
    public static async Task<IResult> DeleteAsync(PathText instance_id, HttpContext http, IInstanceStore instances, Roster roster, CancellationToken cancel)
    {
        var asked = await DdsRequest.ReadAsync(http, instance_id, instances, DdsJson.Default.UserBody, cancel);
        if (asked is not { Instance: { } instance, Body: { } body })
        {
            return asked.Refusal!;
        }

        if (body is not { UserName: { } user, DbName: { } database })
        {
            return DdsErrors.Answer(http, DdsError.Parameter);
        }

        if (DdsForm.Account(instance, user, database) is not { } account)
        {
            return DdsErrors.Answer(http, DdsError.UserName);
        }

        var stays = account == MainOf(instance) ? $"{account} is the instance's main account." : null;
        return await roster.DropAsync(http.Caller(), instance, account, cancel, stays) is { } refused
            ? DdsErrors.Of(http, DdsOperation.Delete, instance, refused)
            : DdsRequest.Done();
    }

    private static AccountName MainOf(Instance instance) => instance.MainAccount ?? new AccountName(DdsForm.DefaultUser);

    /// <summary>Built in are those that this call does not delete.</summary>
    private static DdsUser Render(Instance instance, AccountRow row) => new(
        row.Name == MainOf(instance) || row.Name.User == instance.Admin.User,
        row.Name.User,
        row.Name.AuthDatabase ?? AccountName.DefaultAuthDatabase,
        [.. row.Roles.Select(role => new DdsRole(role.Name, role.Database))]);

    private static bool IsAsked(IQueryCollection query, DdsUser user) =>
        (query["user_name"].ToString() is var name && (name.Length == 0 || name == user.User))
        && (query["db_name"].ToString() is var database && (database.Length == 0 || database == user.Db));
}
