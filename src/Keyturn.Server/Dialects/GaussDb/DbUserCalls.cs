using Keyturn.Instances;
using Keyturn.Passwords;
using Keyturn.Resets;
using Keyturn.Server.Access;
using Keyturn.Server.Hosting;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace Keyturn.Server.Dialects.GaussDb;

/// <summary>
/// <c>…/instances/{instance_id}/db-users</c>. An entry is one row of a user (name and host). A call is looked through completely before anything is
/// changed: what is wrong with it is an answer, because Terraform takes a failed job for one that still runs.
/// </summary>
internal static class DbUserCalls
{
    private const string NoGrants = "Keyturn sets passwords; rights are changed on the database itself.";

    public static async Task<IResult> ListAsync(
        [FromRoute(Name = "instance_id")] PathText instanceId, HttpContext http, IInstanceStore instances, GaussDbAccounts accounts, CancellationToken cancel)
    {
        if (GaussDbPage.TryRead(http.Request) is not { } page)
        {
            return GaussDbErrors.Answer(http, GaussDbFault.Parameter);
        }

        var found = await instances.FindGaussDbAsync(http, instanceId, cancel);
        if (found.Instance is not { } instance)
        {
            return GaussDbErrors.Answer(http, found.Fault!);
        }

        var listed = await accounts.ListAsync(instance, cancel);
        return listed.Value is { } lines
            ? TypedResults.Json(new DbUsersAnswer([.. page.Of(lines).Select(Render)], lines.Count), GaussDbJson.Default.DbUsersAnswer)
            : GaussDbErrors.Of(http, listed.Failure!);
    }

    public static async Task<IResult> CreateAsync(
        [FromRoute(Name = "instance_id")] PathText instanceId, HttpContext http, IInstanceStore instances, GaussDbAccounts accounts, DbUserJobs jobs, CancellationToken cancel)
    {
        var body = await JsonBody.ReadAsync(http, GaussDbJson.Default.CreateUsersBody, cancel);
        if (DbUserRules.Broken(body.Value?.Users) is { } broken)
        {
            return Malformed(http, body, broken);
        }

        var users = body.Value!.Users!;
        var rows = DbUserRules.Rows(users);
        var passwords = users.SelectMany(user => DbUserRules.Hosts(user!).Select(_ => user!.Password!));
        if (Refuse(http, rows, passwords) is { } refused)
        {
            return refused;
        }

        var (instance, resolved, error) = await ResolveAsync(http, instances, accounts, instanceId, rows, areNew: true, cancel);
        return error ?? await jobs.ResetAsync(http, instance!, "CreateGaussDBforMySQLUser", StatusCodes.Status201Created, Requests(http, instance!, resolved, passwords, ResetKind.Create), cancel);
    }

    public static async Task<IResult> ResetPasswordsAsync(
        [FromRoute(Name = "instance_id")] PathText instanceId, HttpContext http, IInstanceStore instances, GaussDbAccounts accounts, DbUserJobs jobs, CancellationToken cancel)
    {
        var body = await JsonBody.ReadAsync(http, GaussDbJson.Default.UsersBody, cancel);
        if (DbUserRules.Broken(body.Value?.Users, needPassword: true) is { } broken)
        {
            return Malformed(http, body, broken);
        }

        var users = body.Value!.Users!;
        var rows = DbUserRules.Rows(users);
        var passwords = users.Select(user => user!.Password!);
        if (Refuse(http, rows, passwords) is { } refused)
        {
            return refused;
        }

        var (instance, resolved, error) = await ResolveAsync(http, instances, accounts, instanceId, rows, areNew: false, cancel);
        return error ?? await jobs.ResetAsync(http, instance!, "ResetGaussDBforMySQLUserPassword", StatusCodes.Status202Accepted, Requests(http, instance!, resolved, passwords, ResetKind.Reset), cancel);
    }

    public static async Task<IResult> DropAsync(
        [FromRoute(Name = "instance_id")] PathText instanceId, HttpContext http, IInstanceStore instances, GaussDbAccounts accounts, DbUserJobs jobs, CancellationToken cancel)
    {
        var body = await JsonBody.ReadAsync(http, GaussDbJson.Default.UsersBody, cancel);
        if (DbUserRules.Broken(body.Value?.Users) is { } broken)
        {
            return Malformed(http, body, broken);
        }

        var users = body.Value!.Users!;
        var (instance, resolved, error) = await ResolveAsync(http, instances, accounts, instanceId, DbUserRules.Rows(users), areNew: false, cancel);
        return error ?? await jobs.DropAsync(http, instance!, "DeleteGaussDBforMySQLUser", resolved, cancel);
    }

    /// <summary>Takes only what there is: no comment.</summary>
    public static async Task<IResult> CommentAsync(
        [FromRoute(Name = "instance_id")] PathText instanceId, HttpContext http, IInstanceStore instances, GaussDbAccounts accounts, DbUserJobs jobs, CancellationToken cancel)
    {
        var body = await JsonBody.ReadAsync(http, GaussDbJson.Default.UsersBody, cancel);
        if (DbUserRules.Broken(body.Value?.Users) is { } broken)
        {
            return Malformed(http, body, broken);
        }

        var users = body.Value!.Users!;
        if (users.Any(user => user!.Comment is { Length: > 0 }))
        {
            return GaussDbErrors.Answer(http, GaussDbFault.Parameter, "Keyturn keeps no comments: leave comment empty.");
        }

        var (instance, _, error) = await ResolveAsync(http, instances, accounts, instanceId, DbUserRules.Rows(users), areNew: false, cancel);
        return error ?? await jobs.NothingToDoAsync(http, instance!, "ModifyGaussDBforMySQLUserComment");
    }

    public static IResult RefusePrivilege(HttpContext http) => GaussDbErrors.Answer(http, GaussDbFault.NotAllowed, NoGrants);

    private static DbUser Render(RosterLine line) => new(line.Name.User, line.Name.Host ?? "%", Comment: "", Databases: []);

    private static async ValueTask<(Instance? Instance, IReadOnlyList<AccountName> Accounts, IResult? Error)> ResolveAsync(
        HttpContext http, IInstanceStore instances, GaussDbAccounts accounts, PathText instanceId, IReadOnlyList<AccountName> rows, bool areNew, CancellationToken cancel)
    {
        var found = await instances.FindGaussDbAsync(http, instanceId, cancel);
        if (found.Instance is not { } instance)
        {
            return (null, [], GaussDbErrors.Answer(http, found.Fault!));
        }

        var (resolved, refusal) = await accounts.ResolveAsync(instance, rows, areNew, cancel);
        return (instance, resolved, refusal is null ? null : GaussDbErrors.Of(http, instance, refusal));
    }

    private static JsonHttpResult<GaussDbError>? Refuse(HttpContext http, IReadOnlyList<AccountName> accounts, IEnumerable<Secret> passwords)
    {
        var broken = accounts.Zip(passwords, (account, password) => GaussDbPasswords.OfAccounts.Check(password, account)).FirstOrDefault(violations => violations.Count > 0);
        return broken is null ? null : GaussDbErrors.Answer(http, GaussDbPasswords.Fault(broken));
    }

    private static List<ResetRequest> Requests(HttpContext http, Instance instance, IReadOnlyList<AccountName> accounts, IEnumerable<Secret> passwords, ResetKind kind) =>
        [.. accounts.Zip(passwords, (account, password) => http.NewReset(instance, account, kind == ResetKind.Create ? "gaussdb.create_users" : "gaussdb.reset_users") with
        {
            Kind = kind,
            Password = password,
            Policy = GaussDbPasswords.OfAccounts,
            IdempotencyKey = http.IdempotencyKey(),
        })];

    private static JsonHttpResult<GaussDbError> Malformed<T>(HttpContext http, JsonBody<T> body, string broken)
        where T : class => (body.Value, body.Fault) switch
        {
            (_, { } fault) => GaussDbErrors.Answer(http, GaussDbFault.Parameter, fault),
            (null, _) => GaussDbErrors.Answer(http, GaussDbFault.EmptyRequest),
            _ => GaussDbErrors.Answer(http, GaussDbFault.Parameter, broken),
        };
}
