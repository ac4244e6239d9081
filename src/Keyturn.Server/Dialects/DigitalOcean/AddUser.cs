using Keyturn.Instances;
using Keyturn.Resets;
using Keyturn.Server.Access;
using Keyturn.Server.Hosting;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Keyturn.Server.Dialects.DigitalOcean;

internal static class AddUser
{
    /// <summary>Makes a user with a generated password and no rights but to log in; on MySQL for all hosts. The answer is complete: Terraform does not read after it.</summary>
    public static async Task<Results<Created<UserAnswer>, JsonHttpResult<DigitalOceanError>>> HandleAsync(
        PathText uuid, HttpContext http, IInstanceStore instances, Resetter resetter, DigitalOceanUsers users, CancellationToken cancel)
    {
        var body = await JsonBody.ReadAsync(http, DigitalOceanJson.Default.AddUserBody, cancel);
        if (body.Fault is { } fault)
        {
            return DigitalOceanErrors.Malformed(http, fault);
        }

        var (cluster, error) = await instances.FindWithUsersAsync(http, uuid, cancel);
        if (cluster is null)
        {
            return error!;
        }

        var asked = body.Value ?? new AddUserBody();
        if (Refuse(cluster, asked) is { } wrong)
        {
            return DigitalOceanErrors.Invalid(http, wrong);
        }

        var request = http.NewReset(cluster, new AccountName(asked.Name!), "digitalocean.add_user", shows: true) with
        {
            Kind = ResetKind.Create,
            AuthPlugin = asked.MysqlSettings?.AuthPlugin,
            IdempotencyKey = http.IdempotencyKey(),
        };
        var (user, refusal) = await users.AnswerAsync(http, cluster, await resetter.RunAsync(request, cancel));
        return user is null ? refusal! : TypedResults.Created((string?)null, new UserAnswer(user));
    }

    /// <summary>Rights are not Keyturn's to give: what asks for some is refused, and not made without.</summary>
    private static string? Refuse(Instance cluster, AddUserBody asked) => asked switch
    {
        { Name: null or "" } => "name is required",
        { Readonly: true } => "readonly cannot be applied: Keyturn makes users without rights; grant them on the database",
        _ => asked.MysqlSettings?.Problem(cluster) ?? asked.Settings?.Problem(isNew: true),
    };
}
