using Keyturn.Server.Access;
using Keyturn.Server.Api.Accounts;
using Keyturn.Server.Api.Instances;
using Keyturn.Server.Api.Operations;
using Keyturn.Server.Api.Resets;
using Keyturn.Server.Doors;
using Keyturn.Server.Hosting;
using Microsoft.OpenApi;

namespace Keyturn.Server.Api;

/// <summary>The native API, all of it.</summary>
internal static class ApiRoutes
{
    public const string Prefix = "/api/v1";

    public static readonly Door Door = new("native")
    {
        Paths = Prefix,
        IsAskedBy = request => request.Path.StartsWithSegments(Prefix, StringComparison.OrdinalIgnoreCase),
        Scheme = BearerHandler.SchemeName,
        WriteErrorAsync = Problems.WriteAsync,
    };

    public static void MapApi(this IEndpointRouteBuilder routes)
    {
        var api = routes.MapGroup(Prefix).WithDoor(Door).WithTags("keyturn").ProducesProblems();

        api.MapPost("/instances", RegisterInstance.HandleAsync).WithBody<InstanceBody>();
        api.MapGet("/instances", ListInstances.HandleAsync);
        api.MapGet("/instances/{instance}", GetInstance.HandleAsync);
        api.MapPatch("/instances/{instance}", ChangeInstance.HandleAsync).WithBody<InstanceBody>();
        api.MapDelete("/instances/{instance}", RemoveInstance.HandleAsync);
        api.MapGet("/instances/{instance}/inspect", InspectInstance.HandleAsync);

        var accounts = api.MapGroup("/instances/{instance}/accounts");
        accounts.MapGet("", ListAccounts.HandleAsync);
        accounts.MapPost("", CreateAccount.HandleAsync).WithBody<CreateBody>().WithIdempotencyKey();
        accounts.MapGet("/{user}", InspectAccount.HandleAsync);
        accounts.MapPatch("/{user}", SetAccountProof.HandleAsync).WithBody<ProofBody>();
        accounts.MapDelete("/{user}", DropAccount.HandleAsync);
        accounts.MapPost("/{user}/adopt", AdoptAccount.HandleAsync).WithBody<AdoptBody>();
        accounts.MapPost("/{user}/reset", ResetAccount.HandleAsync).WithBody<ResetBody>(required: false).WithIdempotencyKey();
        accounts.MapPost("/{user}/check", CheckAccount.HandleAsync).WithBody<CheckBody>();
        accounts.MapPost("/{user}/verify", VerifyAccount.HandleAsync);
        accounts.MapGet("/{user}/secret", RevealSecret.HandleAsync);
        accounts.MapGet("/{user}/versions", ListVersions.HandleAsync);

        api.MapGet("/resets", ListResets.HandleAsync);
        api.MapGet("/resets/{id}", GetReset.HandleAsync);
        api.MapGet("/audit", ListAudit.HandleAsync);
        api.MapGet("/status", GetStatus.HandleAsync);
    }

    private static RouteGroupBuilder ProducesProblems(this RouteGroupBuilder api) => api
        .WithMetadata(new ProducesResponseTypeMetadata(StatusCodes.Status401Unauthorized, typeof(Problem), [Problems.ContentType]))
        .AddOpenApiOperationTransformer((operation, context, _) =>
        {
            (operation.Responses ??= [])["default"] = new OpenApiResponse
            {
                Description = "Refused, with nothing changed",
                Content = new Dictionary<string, OpenApiMediaType>
                {
                    [Problems.ContentType] = new() { Schema = new OpenApiSchemaReference(nameof(Problem), context.Document) },
                },
            };
            return Task.CompletedTask;
        });
}
