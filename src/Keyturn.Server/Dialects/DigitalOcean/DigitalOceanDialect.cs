using Keyturn.Access;
using Keyturn.Instances;
using Keyturn.Passwords;
using Keyturn.Resets;
using Keyturn.Server.Access;
using Keyturn.Server.Doors;
using Keyturn.Server.Hosting;
using Keyturn.Storage;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace Keyturn.Server.Dialects.DigitalOcean;

/// <summary>DigitalOcean Managed Databases, API v2: resetting a user's password, and the reads that its clients make around it.</summary>
internal static class DigitalOceanDialect
{
    public const string Prefix = "/v2/databases";
    private const string NoUsers = "user management is not supported for Caching or Valkey clusters";

    public static readonly Door Door = new("digitalocean")
    {
        Paths = Prefix,
        IsAskedBy = request => request.Path.StartsWithSegments(Prefix, StringComparison.OrdinalIgnoreCase),
        Scheme = BearerHandler.SchemeName,
        WriteErrorAsync = DigitalOceanErrors.WriteAsync,
    };

    public static void MapDigitalOcean(this IEndpointRouteBuilder routes)
    {
        var databases = routes.MapGroup(Prefix).WithDoor(Door).WithTags("digitalocean");
        databases.MapGet("", ListAsync).Requires(KeyturnAction.ReadInstance);
        databases.MapGet("/{uuid}", GetAsync).Requires(KeyturnAction.ReadInstance);
        databases.MapGet("/{uuid}/autoscale", GetAutoscaleAsync).Requires(KeyturnAction.ReadInstance);
        databases.MapGet("/{uuid}/users", ListUsersAsync).Requires(KeyturnAction.ReadAccount);
        databases.MapGet("/{uuid}/users/{username}", GetUserAsync).Requires(KeyturnAction.ReadAccount);
        databases.MapPost("/{uuid}/users/{username}/reset_auth", ResetAuthAsync).Requires(KeyturnAction.ResetAccount)
            .WithBody<ResetAuthBody>(required: false).WithIdempotencyKey();
    }

    /// <summary>The project's clusters.</summary>
    private static async Task<Ok<DatabasesAnswer>> ListAsync(
        [AsParameters] DigitalOceanPage page, [FromQuery(Name = "tag_name")] string? tag, HttpContext http, IInstanceStore instances, CancellationToken cancel)
    {
        var all = await instances.ListAsync(http.Caller().ProjectId, cancel);
        var chosen = all.Where(instance => tag is null || DigitalOceanClusters.Tags(instance).Contains(tag)).ToList();
        return TypedResults.Ok(new DatabasesAnswer([.. page.Of(chosen).Select(DigitalOceanClusters.Render)], page.Links(http, chosen.Count), new Meta(chosen.Count)));
    }

    /// <summary>One cluster. doctl reads it before each reset, for its engine.</summary>
    private static async Task<Results<Ok<DatabaseAnswer>, JsonHttpResult<DigitalOceanError>>> GetAsync(
        PathText uuid, HttpContext http, IInstanceStore instances, CancellationToken cancel) =>
        await FindAsync(http, instances, uuid, cancel) is { } instance
            ? TypedResults.Ok(new DatabaseAnswer(DigitalOceanClusters.Render(instance)))
            : DigitalOceanErrors.Missing(http);

    /// <summary>Off. Terraform's data source fails without an answer.</summary>
    private static async Task<Results<Ok<AutoscaleAnswer>, JsonHttpResult<DigitalOceanError>>> GetAutoscaleAsync(
        PathText uuid, HttpContext http, IInstanceStore instances, CancellationToken cancel) =>
        await FindAsync(http, instances, uuid, cancel) is not null
            ? TypedResults.Ok(new AutoscaleAnswer(new Autoscale(new StorageAutoscale(Enabled: false))))
            : DigitalOceanErrors.Missing(http);

    /// <summary>The users of a cluster, with the passwords that Keyturn holds, to whoever may see them.</summary>
    private static async Task<Results<Ok<UsersAnswer>, JsonHttpResult<DigitalOceanError>>> ListUsersAsync(
        PathText uuid, [AsParameters] DigitalOceanPage page, HttpContext http, IInstanceStore instances, DigitalOceanUsers users, CancellationToken cancel)
    {
        if (await FindAsync(http, instances, uuid, cancel) is not { } instance)
        {
            return DigitalOceanErrors.Missing(http);
        }

        if (!DigitalOceanEngines.HasUsers(instance))
        {
            return DigitalOceanErrors.Invalid(http, NoUsers);
        }

        var all = await users.ListAsync(instance, cancel);
        var shown = new List<User>();
        foreach (var user in page.Of(all))
        {
            shown.Add(await users.ShowAsync(http.Caller(), instance, user, cancel));
        }

        return TypedResults.Ok(new UsersAnswer(shown, page.Links(http, all.Count), new Meta(all.Count)));
    }

    /// <summary>One user, with its password where Keyturn holds it and the caller may see it. A conflict while a reset is open: an answer without a password would keep the old one in Terraform's state.</summary>
    private static async Task<Results<Ok<UserAnswer>, JsonHttpResult<DigitalOceanError>>> GetUserAsync(
        PathText uuid, PathText username, HttpContext http, IInstanceStore instances, DigitalOceanUsers users, SecretReader reader, CancellationToken cancel)
    {
        if (await FindAsync(http, instances, uuid, cancel) is not { } instance)
        {
            return DigitalOceanErrors.Missing(http);
        }

        if (!DigitalOceanEngines.HasUsers(instance))
        {
            return DigitalOceanErrors.Invalid(http, NoUsers);
        }

        var found = await users.FindAsync(instance, username.Text, cancel);
        if (found.Value is not { } user)
        {
            return DigitalOceanErrors.Of(http, found.Failure!);
        }

        var mayReveal = http.Caller().Scopes.Allows(KeyturnAction.RevealAccount);
        var secret = mayReveal && user.Held is { } held ? await reader.RevealAsync(http.Caller(), instance, held.Name, cancel) : null;
        return secret?.Refusal is { Reason: RefusalReason.Busy } open
            ? DigitalOceanErrors.Of(http, open)
            : TypedResults.Ok(new UserAnswer(DigitalOceanUsers.Render(instance, user, secret is { Versions: [var current, ..] } ? current.Password : null)));
    }

    /// <summary>Gives a user a new, generated password. The body may be empty.</summary>
    private static async Task<Results<Ok<UserAnswer>, JsonHttpResult<DigitalOceanError>>> ResetAuthAsync(
        PathText uuid, PathText username, HttpContext http, IInstanceStore instances, Resetter resetter, DigitalOceanUsers users, CancellationToken cancel)
    {
        var body = await JsonBody.ReadAsync(http, DigitalOceanJson.Default.ResetAuthBody, cancel);
        if (body.Fault is { } fault)
        {
            return DigitalOceanErrors.Malformed(http, fault);
        }

        if (await FindAsync(http, instances, uuid, cancel) is not { } instance)
        {
            return DigitalOceanErrors.Missing(http);
        }

        var settings = body.Value?.MysqlSettings;
        if (Refuse(instance, settings) is { } wrong)
        {
            return DigitalOceanErrors.Invalid(http, wrong);
        }

        var name = await users.NameAsync(instance, username.Text, cancel);
        var request = new ResetRequest(http.Caller(), instance, name, "digitalocean.reset_auth")
        {
            AuthPlugin = settings?.AuthPlugin,
            IdempotencyKey = http.IdempotencyKey(),
        };
        return await AnswerAsync(http, instance, await resetter.RunAsync(request, cancel), users);
    }

    private static async ValueTask<Results<Ok<UserAnswer>, JsonHttpResult<DigitalOceanError>>> AnswerAsync(
        HttpContext http, Instance instance, ResetOutcome outcome, DigitalOceanUsers users)
    {
        if (outcome.Reset is not { } reset)
        {
            return DigitalOceanErrors.Of(http, outcome.Refusal!);
        }

        http.AnswerWith(reset);
        if (reset.State != ResetState.Done)
        {
            return DigitalOceanErrors.Of(http, reset);
        }

        var user = reset.Account.Name.User;
        var method = reset.AuthPlugin ?? await MethodAsync(instance, user, users);
        return TypedResults.Ok(new UserAnswer(DigitalOceanUsers.Render(instance, new DigitalOceanUsers.Found(user, method, reset.Account), outcome.Password)));
    }

    /// <summary>The plugin is shown for MySQL where it is known; that it cannot be read now does not unmake the reset.</summary>
    private static async ValueTask<string?> MethodAsync(Instance instance, string user, DigitalOceanUsers users)
    {
        if (DigitalOceanEngines.Slug(instance) != DigitalOceanEngines.MySql)
        {
            return null;
        }

        try
        {
            return (await users.FindAsync(instance, user, CancellationToken.None)).Value?.Method;
        }
        catch (StoreException)
        {
            return null;
        }
    }

    private static string? Refuse(Instance instance, MysqlSettings? settings) => (instance, settings) switch
    {
        _ when !DigitalOceanEngines.HasUsers(instance) => NoUsers,
        (_, null) => null,
        _ when DigitalOceanEngines.Slug(instance) != DigitalOceanEngines.MySql => "mysql_settings are for MySQL clusters",
        (_, { AuthPlugin: "mysql_native_password" or "caching_sha2_password" }) => null,
        _ => "mysql_settings.auth_plugin must be one of mysql_native_password, caching_sha2_password",
    };

    private static async ValueTask<Instance?> FindAsync(HttpContext http, IInstanceStore instances, PathText uuid, CancellationToken cancel) =>
        Guid.TryParseExact(uuid.Text, "D", out var id) ? await instances.FindAsync(http.Caller().ProjectId, id, cancel) : null;
}
