using Keyturn.Access;
using Keyturn.Server.Access;
using Keyturn.Server.Dialects.HuaweiIam;
using Keyturn.Server.Doors;

namespace Keyturn.Server.Dialects.GaussDb;

/// <summary>GaussDB(for MySQL), now TaurusDB, of Huawei Cloud and Open Telekom Cloud: the administrator's password, instances, database users and their jobs.</summary>
internal static class GaussDbDialect
{
    public static readonly Door Door =
        HuaweiDoors.Of("gaussdb", HuaweiService.GaussDb, "/mysql/v3/{project_id}, /v3/{project_id}") with { WriteErrorAsync = GaussDbErrors.WriteAsync };

    public static void MapGaussDb(this IEndpointRouteBuilder routes)
    {
        // Open Telekom Cloud's documents and Terraform provider have the first, everybody else the second.
        foreach (var version in (ReadOnlySpan<string>)["/mysql/v3", "/v3"])
        {
            var service = routes.MapService(version);
            service.MapGet("/instances", InstanceCalls.ListAsync).Requires(KeyturnAction.ReadInstance);
            service.MapGet("/instances/{instance_id}", InstanceCalls.GetAsync).Requires(KeyturnAction.ReadInstance);
            service.MapPost("/instances/{instance_id}/password", ResetPassword.HandleAsync).Requires(KeyturnAction.ResetAccount);
        }

        var unified = routes.MapService(InstanceCalls.UnifiedVersion);
        unified.MapGet("/instances", InstanceCalls.ListAsync).Requires(KeyturnAction.ReadInstance);
        unified.MapGet("/instances/{instance_id}", InstanceCalls.GetAsync).Requires(KeyturnAction.ReadInstance);

        var newer = routes.MapService("/v3");
        newer.MapGet("/jobs", GetJob.HandleAsync).Requires(KeyturnAction.ReadReset);
        var users = newer.MapGroup("/instances/{instance_id}/db-users");
        users.MapGet("", DbUserCalls.ListAsync).Requires(KeyturnAction.ReadAccount);
        users.MapPost("", DbUserCalls.CreateAsync).Requires(KeyturnAction.CreateAccount);
        users.MapPut("/password", DbUserCalls.ResetPasswordsAsync).Requires(KeyturnAction.ResetAccount);
        users.MapPut("/comment", DbUserCalls.CommentAsync).Requires(KeyturnAction.ChangeAccount);
        users.MapDelete("", DbUserCalls.DropAsync).Requires(KeyturnAction.DropAccount);
        users.MapPost("/privilege", DbUserCalls.RefusePrivilege).Requires(KeyturnAction.ChangeAccount);
        users.MapDelete("/privilege", DbUserCalls.RefusePrivilege).Requires(KeyturnAction.ChangeAccount);
    }

    private static RouteGroupBuilder MapService(this IEndpointRouteBuilder routes, string version) => routes
        .MapGroup(version + "/{" + HuaweiProject.RouteValue + "}")
        .WithDoor(Door)
        .WithTags("gaussdb")
        .ExcludeFromDescription()
        .RequireProject(http => GaussDbErrors.Answer(http, GaussDbFault.OtherProject));
}
