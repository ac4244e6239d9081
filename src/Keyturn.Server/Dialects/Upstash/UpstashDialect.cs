using Keyturn.Access;
using Keyturn.Instances;
using Keyturn.Passwords;
using Keyturn.Resets;
using Keyturn.Server.Access;
using Keyturn.Server.Doors;
using Keyturn.Server.Hosting;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Keyturn.Server.Dialects.Upstash;

/// <summary>Upstash's Developer API for Redis: resetting a database's password, and the reads around it.</summary>
internal static class UpstashDialect
{
    private const string Prefix = "/v2/redis";
    private const string Unmanaged = "Keyturn keeps the passwords of databases: make, change or delete the database itself where it runs";

    /// <summary>Calls of the Developer API that change a database.</summary>
    private static readonly string[] Changes =
    [
        "rename", "enable-tls", "enable-eviction", "disable-eviction", "enable-autoupgrade", "disable-autoupgrade", "enable-prodpack", "disable-prodpack",
        "update-budget", "update-regions", "update-allowlist",
    ];

    public static readonly Door Door = new("upstash")
    {
        Paths = Prefix,
        IsAskedBy = request => request.Path.StartsWithSegments(Prefix, StringComparison.OrdinalIgnoreCase),
        Scheme = UpstashHandler.SchemeName,
        WriteErrorAsync = UpstashErrors.WriteAsync,
        HidesInstances = true,
    };

    /// <summary>128 random bits as hexadecimal digits: the form of every published sample, and the length that the layout of its REST tokens has.</summary>
    private static readonly PasswordPolicy Passwords = new() { MinClasses = 0, GeneratedLength = 32, GeneratedAlphabet = "0123456789abcdef" };

    public static void MapUpstash(this IEndpointRouteBuilder routes)
    {
        var redis = routes.MapGroup(Prefix).WithDoor(Door).WithTags("upstash").AddEndpointFilter(RefuseOtherThanJsonAsync);
        redis.MapGet("/databases", ListAsync).Requires(KeyturnAction.ReadInstance);
        redis.MapGet("/database/{id}", GetAsync).Requires(KeyturnAction.ReadInstance);
        redis.MapPost("/reset-password/{id}", ResetPasswordAsync).Requires(KeyturnAction.ResetAccount).WithIdempotencyKey();

        redis.MapPost("/database", () => UpstashErrors.Forbidden(Unmanaged)).Requires(KeyturnAction.ReadInstance).ExcludeFromDescription();
        redis.MapDelete("/database/{id}", RefuseAsync).Requires(KeyturnAction.ReadInstance).ExcludeFromDescription();
        foreach (var change in Changes)
        {
            redis.MapMethods($"/{change}/{{id}}", [HttpMethods.Post, HttpMethods.Patch], RefuseAsync).Requires(KeyturnAction.ReadInstance).ExcludeFromDescription();
        }
    }

    /// <summary>The caller's databases, as a bare array.</summary>
    private static async Task<Ok<UpstashDatabase[]>> ListAsync(HttpContext http, UpstashDatabases databases, SecretReader reader, CancellationToken cancel)
    {
        var shown = new List<UpstashDatabase>();
        foreach (var instance in await databases.ListAsync(http, cancel))
        {
            var secret = MayReveal(http, instance) ? await reader.FindAsync(http.Caller(), instance, UpstashDatabases.AccountOf(instance), cancel) : null;
            shown.Add(databases.WithCredentials(await databases.RenderAsync(http, instance, cancel), instance, secret?.Password, secret?.Version ?? 0));
        }

        return TypedResults.Ok(shown.ToArray());
    }

    /// <summary>One database, with its password and REST tokens where Keyturn holds them, the caller may see them and does not ask to hide them.</summary>
    private static async Task<Results<Ok<UpstashDatabase>, JsonHttpResult<UpstashError>>> GetAsync(
        string id, string[] credentials, HttpContext http, UpstashDatabases databases, SecretReader reader, CancellationToken cancel)
    {
        if (await databases.FindAsync(http, id, cancel) is not { } instance)
        {
            return UpstashErrors.Missing();
        }

        var isHidden = credentials.Contains("hide", StringComparer.OrdinalIgnoreCase) || !MayReveal(http, instance);
        var revealed = isHidden ? null : await reader.RevealAsync(http.Caller(), instance, UpstashDatabases.AccountOf(instance), cancel);
        if (revealed?.Refusal is { Reason: RefusalReason.Busy or RefusalReason.Unverified } open)
        {
            return UpstashErrors.Of(http, open);
        }

        var secret = revealed is { Versions: [var current, ..] } ? current : null;
        return TypedResults.Ok(databases.WithCredentials(await databases.RenderAsync(http, instance, cancel), instance, secret?.Password, secret?.Version ?? 0));
    }

    /// <summary>Gives a database a new, generated password, and with it new REST tokens. There is nothing to say in a body, and none is read: clients send all sorts.</summary>
    private static async Task<Results<Ok<UpstashDatabase>, JsonHttpResult<UpstashError>>> ResetPasswordAsync(
        string id, HttpContext http, UpstashDatabases databases, Resetter resetter, CancellationToken cancel)
    {
        if (await databases.FindAsync(http, id, cancel) is not { } instance)
        {
            return UpstashErrors.Missing();
        }

        // Before the reset, so that nothing is left after it that could fail.
        var database = await databases.RenderAsync(http, instance, cancel);
        var request = http.NewReset(instance, UpstashDatabases.AccountOf(instance), "upstash.reset-password", shows: true) with
        {
            Policy = Passwords,
            IdempotencyKey = http.IdempotencyKey(),
        };
        var outcome = await resetter.RunAsync(request, cancel);
        if (outcome.Reset is not { } reset)
        {
            return UpstashErrors.Of(http, outcome.Refusal!);
        }

        http.AnswerWith(reset);
        return reset.State == ResetState.Done ? TypedResults.Ok(databases.WithCredentials(database, instance, outcome.Password, reset.Version)) : UpstashErrors.Of(reset);
    }

    /// <summary>A call that would change more than a password. A database that is not there is said to be missing, which is what the MCP server's start-up probe asks.</summary>
    private static async Task<JsonHttpResult<UpstashError>> RefuseAsync(string id, HttpContext http, UpstashDatabases databases, CancellationToken cancel) =>
        await databases.FindAsync(http, id, cancel) is null ? UpstashErrors.Missing() : UpstashErrors.Forbidden(Unmanaged);

    private static bool MayReveal(HttpContext http, Instance instance) => http.May(KeyturnAction.RevealAccount, instance);

    private static async ValueTask<object?> RefuseOtherThanJsonAsync(EndpointFilterInvocationContext call, EndpointFilterDelegate next)
    {
        var accepted = call.HttpContext.Request.GetTypedHeaders().Accept;
        return accepted.Count == 0 || accepted.Any(type => type.Quality != 0 && (type.MatchesAllTypes || type is { Type.Value: "application", MatchesAllSubTypes: true } || type.MediaType == "application/json"))
            ? await next(call)
            : UpstashErrors.NotAcceptable();
    }
}
