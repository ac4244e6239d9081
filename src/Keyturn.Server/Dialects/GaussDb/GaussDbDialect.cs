using Keyturn.Server.Dialects.HuaweiIam;
using Keyturn.Server.Doors;

namespace Keyturn.Server.Dialects.GaussDb;

/// <summary>GaussDB(for MySQL), now TaurusDB, of Huawei Cloud and Open Telekom Cloud: the administrator's password, instances, database users and their jobs.</summary>
internal static class GaussDbDialect
{
    public static readonly Door Door = new("gaussdb")
    {
        Paths = "/mysql/v3/{project_id}, /v3/{project_id}",
        IsAskedBy = request => HuaweiServices.Of(request) == HuaweiService.GaussDb,
        Scheme = HuaweiHandler.SchemeName,
        WriteErrorAsync = GaussDbErrors.WriteAsync,
    };

    public static void MapGaussDb(this IEndpointRouteBuilder routes)
    {
        // Open Telekom Cloud's documents and Terraform provider have the first, everybody else the second.
        foreach (var version in (ReadOnlySpan<string>)["/mysql/v3", "/v3"])
        {
            var service = routes.MapService(version);
            service.MapGet("/instances", InstanceCalls.ListAsync);
            service.MapGet("/instances/{instance_id}", InstanceCalls.GetAsync);
            service.MapPost("/instances/{instance_id}/password", ResetPassword.HandleAsync);
        }

        var unified = routes.MapService(InstanceCalls.UnifiedVersion);
        unified.MapGet("/instances", InstanceCalls.ListAsync);
        unified.MapGet("/instances/{instance_id}", InstanceCalls.GetAsync);

        var newer = routes.MapService("/v3");
        newer.MapGet("/jobs", GetJob.HandleAsync);
        var users = newer.MapGroup("/instances/{instance_id}/db-users");
        users.MapGet("", DbUserCalls.ListAsync);
        users.MapPost("", DbUserCalls.CreateAsync);
        users.MapPut("/password", DbUserCalls.ResetPasswordsAsync);
        users.MapPut("/comment", DbUserCalls.CommentAsync);
        users.MapDelete("", DbUserCalls.DropAsync);
        users.MapPost("/privilege", DbUserCalls.RefusePrivilege);
        users.MapDelete("/privilege", DbUserCalls.RefusePrivilege);
    }

    private static RouteGroupBuilder MapService(this IEndpointRouteBuilder routes, string version) => routes
        .MapGroup(version + "/{" + HuaweiProject.RouteValue + "}")
        .WithDoor(Door)
        .WithTags("gaussdb")
        .ExcludeFromDescription()
        .RequireProject(http => GaussDbErrors.Answer(http, GaussDbFault.OtherProject));
}
