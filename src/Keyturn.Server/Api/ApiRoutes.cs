using Keyturn.Access;
using Keyturn.Server.Access;
using Keyturn.Server.Api.Access;
using Keyturn.Server.Api.Accounts;
using Keyturn.Server.Api.Instances;
using Keyturn.Server.Api.Operations;
using Keyturn.Server.Api.Principals;
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
        HidesInstances = true,
    };

    public static void MapApi(this IEndpointRouteBuilder routes)
    {
        var api = routes.MapGroup(Prefix).WithDoor(Door).WithTags("keyturn").ProducesProblems();

        api.MapPost("/instances", RegisterInstance.HandleAsync).Requires(KeyturnAction.RegisterInstance).WithBody<InstanceBody>();
        api.MapGet("/instances", ListInstances.HandleAsync).Requires(KeyturnAction.ReadInstance);
        api.MapGet("/instances/{instance}", GetInstance.HandleAsync).Requires(KeyturnAction.ReadInstance);
        api.MapPatch("/instances/{instance}", ChangeInstance.HandleAsync).Requires(KeyturnAction.ChangeInstance).WithBody<InstanceBody>();
        api.MapDelete("/instances/{instance}", RemoveInstance.HandleAsync).Requires(KeyturnAction.RemoveInstance);
        api.MapGet("/instances/{instance}/inspect", InspectInstance.HandleAsync).Requires(KeyturnAction.ReadInstance);
        api.MapGet("/instances/{instance}/discover", DiscoverNodes.HandleAsync).Requires(KeyturnAction.ReadInstance);
        api.MapPost("/instances/{instance}/discover", TakeDiscoveredNodes.HandleAsync).Requires(KeyturnAction.ChangeInstance);
        api.MapPost("/instances/check", CheckInstance.HandleAsync).Requires(KeyturnAction.ReadInstance).WithBody<InstanceBody>();
        api.MapPost("/instances/{instance}/import", ImportAccounts.HandleAsync).Requires(KeyturnAction.AdoptAccount).WithBody<ImportBody>();
        api.MapPost("/instances/{instance}/rejoin", RejoinNode.HandleAsync).Requires(KeyturnAction.ChangeInstance).WithBody<RejoinBody>();

        api.MapPost("/instances/{instance}/rotate-admin", RotateAdmin.HandleAsync).Requires(KeyturnAction.RotateAdmin).WithBody<RotateAdminBody>(required: false).WithIdempotencyKey();

        api.MapGet("/accounts", ListHeldAccounts.HandleAsync).Requires(KeyturnAction.ReadAccount);
        var accounts = api.MapGroup("/instances/{instance}/accounts");
        accounts.MapGet("", ListAccounts.HandleAsync).Requires(KeyturnAction.ReadAccount);
        accounts.MapPost("", CreateAccount.HandleAsync).Requires(KeyturnAction.CreateAccount).WithBody<CreateBody>().WithIdempotencyKey();
        accounts.MapGet("/{user}", InspectAccount.HandleAsync).Requires(KeyturnAction.ReadAccount);
        accounts.MapPatch("/{user}", SetAccountProof.HandleAsync).Requires(KeyturnAction.ChangeAccount).WithBody<ProofBody>();
        accounts.MapDelete("/{user}", DropAccount.HandleAsync).Requires(KeyturnAction.DropAccount);
        accounts.MapPost("/{user}/adopt", AdoptAccount.HandleAsync).Requires(KeyturnAction.AdoptAccount).WithBody<AdoptBody>();
        accounts.MapPost("/{user}/reset", ResetAccount.HandleAsync).Requires(KeyturnAction.ResetAccount).WithBody<ResetBody>(required: false).WithIdempotencyKey();
        accounts.MapPost("/{user}/discard-old", DiscardOldPassword.HandleAsync).Requires(KeyturnAction.ResetAccount).WithIdempotencyKey();
        accounts.MapGet("/{user}/sessions", CountSessions.HandleAsync).Requires(KeyturnAction.ReadAccount);
        accounts.MapPost("/{user}/end-sessions", EndSessions.HandleAsync).Requires(KeyturnAction.ResetAccount);
        accounts.MapPost("/{user}/check", CheckAccount.HandleAsync).Requires(KeyturnAction.CheckAccount).WithBody<CheckBody>();
        accounts.MapPost("/{user}/verify", VerifyAccount.HandleAsync).Requires(KeyturnAction.VerifyAccount);
        accounts.MapGet("/{user}/secret", RevealSecret.HandleAsync).Requires(KeyturnAction.RevealAccount);
        accounts.MapGet("/{user}/versions", ListVersions.HandleAsync).Requires(KeyturnAction.ReadAccount);
        accounts.MapGet("/{user}/schedule", GetSchedule.HandleAsync).Requires(KeyturnAction.ReadAccount);
        accounts.MapPut("/{user}/schedule", SetSchedule.HandleAsync).Requires(KeyturnAction.ResetAccount).WithBody<ScheduleBody>();
        accounts.MapDelete("/{user}/schedule", ClearSchedule.HandleAsync).Requires(KeyturnAction.ResetAccount);

        api.MapGet("/resets", ListResets.HandleAsync).Requires(KeyturnAction.ReadReset);
        api.MapGet("/resets/{id}", GetReset.HandleAsync).Requires(KeyturnAction.ReadReset);

        var principals = api.MapGroup("/principals");
        principals.MapPost("", AddPrincipal.HandleAsync).Requires(KeyturnAction.ManagePrincipal).WithBody<PrincipalBody>();
        principals.MapGet("", ListPrincipals.HandleAsync).Requires(KeyturnAction.ReadPrincipal);
        principals.MapGet("/{principal}", GetPrincipal.HandleAsync).Requires(KeyturnAction.ReadPrincipal);
        principals.MapPatch("/{principal}", ChangePrincipal.HandleAsync).Requires(KeyturnAction.ManagePrincipal).WithBody<PrincipalBody>();
        principals.MapDelete("/{principal}", RemovePrincipal.HandleAsync).Requires(KeyturnAction.ManagePrincipal);
        principals.MapPost("/{principal}/credentials", AddCredential.HandleAsync).Requires(KeyturnAction.ManagePrincipal).WithBody<CredentialBody>();
        principals.MapGet("/{principal}/credentials", ListCredentials.HandleAsync).Requires(KeyturnAction.ReadPrincipal);
        principals.MapDelete("/{principal}/credentials/{id}", RevokeCredential.HandleAsync).Requires(KeyturnAction.ManagePrincipal);

        api.MapGet("/project", GetProject.HandleAsync).Requires(KeyturnAction.ReadPrincipal);
        api.MapPatch("/project", ChangeProject.HandleAsync).Requires(KeyturnAction.ManagePrincipal).WithBody<ProjectBody>();

        var policies = api.MapGroup("/policies");
        policies.MapPost("", PolicyCalls.AddAsync).Requires(KeyturnAction.ManagePolicy).WithBody<PolicyBody>();
        policies.MapGet("", PolicyCalls.ListAsync).Requires(KeyturnAction.ReadPolicy);
        policies.MapGet("/{policy}", PolicyCalls.GetAsync).Requires(KeyturnAction.ReadPolicy);
        policies.MapPatch("/{policy}", PolicyCalls.ChangeAsync).Requires(KeyturnAction.ManagePolicy).WithBody<PolicyBody>();
        policies.MapDelete("/{policy}", PolicyCalls.RemoveAsync).Requires(KeyturnAction.ManagePolicy);
        policies.MapPut("/{policy}/principals/{principal}", PolicyCalls.AttachToPrincipalAsync).Requires(KeyturnAction.ManagePolicy);
        policies.MapDelete("/{policy}/principals/{principal}", PolicyCalls.DetachFromPrincipalAsync).Requires(KeyturnAction.ManagePolicy);
        policies.MapPut("/{policy}/groups/{group}", PolicyCalls.AttachToGroupAsync).Requires(KeyturnAction.ManagePolicy);
        policies.MapDelete("/{policy}/groups/{group}", PolicyCalls.DetachFromGroupAsync).Requires(KeyturnAction.ManagePolicy);

        var groups = api.MapGroup("/groups");
        groups.MapPost("", GroupCalls.AddAsync).Requires(KeyturnAction.ManagePolicy).WithBody<GroupBody>();
        groups.MapGet("", GroupCalls.ListAsync).Requires(KeyturnAction.ReadPolicy);
        groups.MapGet("/{group}", GroupCalls.GetAsync).Requires(KeyturnAction.ReadPolicy);
        groups.MapDelete("/{group}", GroupCalls.RemoveAsync).Requires(KeyturnAction.ManagePolicy);
        groups.MapPut("/{group}/members/{principal}", GroupCalls.AddMemberAsync).Requires(KeyturnAction.ManagePolicy);
        groups.MapDelete("/{group}/members/{principal}", GroupCalls.RemoveMemberAsync).Requires(KeyturnAction.ManagePolicy);
        api.MapPost("/access/explain", ExplainAccess.HandleAsync).Requires(KeyturnAction.ReadPolicy).WithBody<ExplainBody>();

        api.MapGet("/audit", ListAudit.HandleAsync).Requires(KeyturnAction.ReadAudit);
        api.MapGet("/status", GetStatus.HandleAsync).Requires(KeyturnAction.ReadInstance);
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
