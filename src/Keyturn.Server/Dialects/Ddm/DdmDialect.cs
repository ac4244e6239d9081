using Keyturn.Access.Policies;
using Keyturn.Server.Access;
using Keyturn.Server.Dialects.HuaweiIam;
using Keyturn.Server.Doors;

namespace Keyturn.Server.Dialects.Ddm;

/// <summary>
/// Distributed Database Middleware of Huawei Cloud and Open Telekom Cloud: passwords and accounts of instances that speak MySQL's protocol, whose
/// nodes, where they are several, each have accounts of their own.
/// </summary>
internal static class DdmDialect
{
    private const string InstancePath = "/instances/{" + DdmPath.InstanceId + "}";

    public static readonly Door Door =
        HuaweiDoors.Of("ddm", HuaweiService.Ddm, "/v1/{project_id}, /v2/{project_id}, /v3/{project_id}") with { WriteErrorAsync = DdmErrors.WriteAsync };

    public static void MapDdm(this IEndpointRouteBuilder routes)
    {
        var first = routes.MapVersion("/v1");
        first.MapGet("/instances", DdmInstances.ListV1Async).Requires(ProviderAction.DdmListInstances);
        first.MapGet(InstancePath, DdmInstances.GetV1Async).Requires(ProviderAction.DdmListInstances);
        first.MapGet(InstancePath + "/users", DdmUserCalls.ListV1Async).Requires(ProviderAction.DdmListUsers);
        first.MapPost(InstancePath + "/users", DdmCreateCalls.CreateV1Async).Requires(ProviderAction.DdmCreateUser);
        first.MapPut(InstancePath + "/users/{username}", DdmUserCalls.ChangeV1Async).Requires(ProviderAction.DdmUpdateUser);
        first.MapDelete(InstancePath + "/users/{username}", DdmUserCalls.DeleteV1Async).Requires(ProviderAction.DdmDeleteUser);

        var second = routes.MapVersion("/v2");
        second.MapPost(InstancePath + "/users/{username}/password", DdmPasswordCalls.ResetV2Async).Requires(ProviderAction.DdmUpdateUserPassword);

        var third = routes.MapVersion("/v3");
        third.MapGet("/instances", DdmInstances.ListV3Async).Requires(ProviderAction.DdmListInstances);
        third.MapGet(InstancePath, DdmInstances.GetV3Async).Requires(ProviderAction.DdmListInstances);
        third.MapGet(InstancePath + "/users", DdmUserCalls.ListV3Async).Requires(ProviderAction.DdmListUsers);
        third.MapPost(InstancePath + "/users", DdmCreateCalls.CreateV3Async).Requires(ProviderAction.DdmCreateUser);
        third.MapPut(InstancePath + "/users/{username}", DdmUserCalls.ChangeV3Async).Requires(ProviderAction.DdmUpdateUser);
        third.MapDelete(InstancePath + "/users/{username}", DdmUserCalls.DeleteV3Async).Requires(ProviderAction.DdmDeleteUser);
        third.MapPost(InstancePath + "/users/{username}/password", DdmPasswordCalls.ResetAsync).Requires(ProviderAction.DdmUpdateUserPassword);
        third.MapPut(InstancePath + "/admin-user", DdmPasswordCalls.SetAdministratorAsync).Requires(ProviderAction.DdmUpdateUserPassword);
        third.MapPost("/weak-password-verification", DdmPasswordCalls.JudgeAsync).Requires(ProviderAction.DdmListInstances);
        third.MapGet("/jobs/{job_id}", DdmJobs.GetAsync).Requires(ProviderAction.DdmListJobs);
    }

    /// <summary>The project is looked at before the handler: its form first, then whether it is the caller's.</summary>
    private static RouteGroupBuilder MapVersion(this IEndpointRouteBuilder routes, string version) => routes
        .MapGroup(version + "/{" + HuaweiProject.RouteValue + "}")
        .WithDoor(Door)
        .WithTags("ddm")
        .ExcludeFromDescription()
        .RequireProject(http => DdmPath.IsProject(http.GetRouteValue(HuaweiProject.RouteValue) as string)
            ? DdmErrors.Answer(http, DdmFault.Forbidden)
            : DdmErrors.Answer(http, DdmFault.Parameter, "The project_id has 32 letters and digits."));
}
