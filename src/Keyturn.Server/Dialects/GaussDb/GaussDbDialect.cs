using Keyturn.Access.Policies;
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
            service.MapGet("/instances", InstanceCalls.ListAsync).Requires(ProviderAction.GaussDbListInstances);
            service.MapGet("/instances/{instance_id}", InstanceCalls.GetAsync).Requires(ProviderAction.GaussDbListInstances);
            service.MapPost("/instances/{instance_id}/password", ResetPassword.HandleAsync).Requires(ProviderAction.GaussDbModifyPassword);
        }

        var unified = routes.MapService(InstanceCalls.UnifiedVersion);
        unified.MapGet("/instances", InstanceCalls.ListAsync).Requires(ProviderAction.GaussDbListInstances);
        unified.MapGet("/instances/{instance_id}", InstanceCalls.GetAsync).Requires(ProviderAction.GaussDbListInstances);

        var newer = routes.MapService("/v3");
        newer.MapGet("/jobs", GetJob.HandleAsync).Requires(ProviderAction.GaussDbListTasks);
        var users = newer.MapGroup("/instances/{instance_id}/db-users");
        users.MapGet("", DbUserCalls.ListAsync).Requires(ProviderAction.GaussDbListUsers);
        users.MapPost("", DbUserCalls.CreateAsync).Requires(ProviderAction.GaussDbCreateUser);
        users.MapPut("/password", DbUserCalls.ResetPasswordsAsync).Requires(ProviderAction.GaussDbUpdatePassword);
        users.MapPut("/comment", DbUserCalls.CommentAsync).Requires(ProviderAction.GaussDbModifyUser);
        users.MapDelete("", DbUserCalls.DropAsync).Requires(ProviderAction.GaussDbDeleteUser);
        users.MapPost("/privilege", DbUserCalls.RefusePrivilege).Requires(ProviderAction.GaussDbModifyUser);
        users.MapDelete("/privilege", DbUserCalls.RefusePrivilege).Requires(ProviderAction.GaussDbModifyUser);
    }

    private static RouteGroupBuilder MapService(this IEndpointRouteBuilder routes, string version) => routes
        .MapGroup(version + "/{" + HuaweiProject.RouteValue + "}")
        .WithDoor(Door)
        .WithTags("gaussdb")
        .ExcludeFromDescription()
        .RequireProject(http => GaussDbErrors.Answer(http, GaussDbFault.OtherProject));
}
