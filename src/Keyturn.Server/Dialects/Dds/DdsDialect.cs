using Keyturn.Access.Policies;
using Keyturn.Server.Access;
using Keyturn.Server.Dialects.HuaweiIam;
using Keyturn.Server.Doors;

namespace Keyturn.Server.Dialects.Dds;

/// <summary>Huawei Cloud's and Open Telekom Cloud's Document Database Service, API v3: checking and resetting passwords on MongoDB, and the calls that its clients make around it.</summary>
internal static class DdsDialect
{
    public static readonly Door Door = HuaweiDoors.Of("dds", HuaweiService.Dds, "/v3/{project_id}/instances/{id}in02") with { WriteErrorAsync = DdsErrors.WriteAsync };

    public static void MapDds(this IEndpointRouteBuilder routes)
    {
        var project = routes.MapGroup($"/v3/{{{HuaweiProject.RouteValue}}}").WithDoor(Door).ExcludeFromDescription().RequireProject(DdsErrors.OtherProject);
        project.MapPost("/weak-password-verification", DdsPasswords.JudgeAsync).Requires(ProviderAction.DdsListInstances);
        project.MapGet("/jobs", DdsReads.GetJobAsync).Requires(ProviderAction.DdsListJobs);
        project.MapGet("/instances", DdsReads.ListAsync).Requires(ProviderAction.DdsListInstances);

        var instance = project.MapGroup("/instances/{instance_id}");
        instance.MapPost("/check-password", DdsPasswords.CheckAsync).Requires(ProviderAction.DdsCheckPassword);
        instance.MapPut("/reset-password", DdsPasswords.ResetAsync).Requires(ProviderAction.DdsResetPassword);
        instance.MapPost("/db-user", DdsUsers.CreateAsync).Requires(ProviderAction.DdsCreateUser);
        instance.MapGet("/db-user/detail", DdsUsers.ListAsync).Requires(ProviderAction.DdsListUsers);
        instance.MapDelete("/db-user", DdsUsers.DeleteAsync).Requires(ProviderAction.DdsDeleteUser);
        instance.MapAround();
    }
}
