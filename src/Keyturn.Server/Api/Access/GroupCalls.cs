using Keyturn.Access;
using Keyturn.Access.Policies;
using Keyturn.Server.Access;
using Keyturn.Server.Hosting;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Keyturn.Server.Api.Access;

/// <summary>Groups of principals, who have policies together.</summary>
internal static class GroupCalls
{
    /// <summary>Adds a group without members.</summary>
    public static async Task<Results<Created<GroupAnswer>, JsonHttpResult<Problem>>> AddAsync(HttpContext http, PolicyRegistrar registrar, CancellationToken cancel)
    {
        var body = await JsonBody.ReadAsync(http, ApiJson.Default.GroupBody, cancel);
        if (body.Fault is { } fault)
        {
            return Problems.Malformed(http, fault);
        }

        var outcome = await registrar.AddGroupAsync(http.Caller(), body.Value?.Name ?? "", cancel);
        return outcome.Group is { } group ? TypedResults.Created($"{ApiRoutes.Prefix}/groups/{group.Name}", GroupAnswer.Of(group)) : Problems.Of(http, outcome.Refusal!);
    }

    /// <summary>The project's groups, by name.</summary>
    public static async Task<Ok<GroupsAnswer>> ListAsync(HttpContext http, IPolicyStore policies, CancellationToken cancel) =>
        TypedResults.Ok(new GroupsAnswer([.. (await policies.ListGroupsAsync(http.Caller().ProjectId, cancel)).Select(GroupAnswer.Of)]));

    /// <summary>One group.</summary>
    public static async Task<Results<Ok<GroupAnswer>, JsonHttpResult<Problem>>> GetAsync(PathText group, HttpContext http, IPolicyStore policies, CancellationToken cancel) =>
        await policies.FindGroupAsync(http.Caller().ProjectId, group.Text, cancel) is { } found ? TypedResults.Ok(GroupAnswer.Of(found)) : Problems.GroupMissing(http, group);

    /// <summary>Forgets a group: its members stay, without its policies.</summary>
    public static async Task<Results<NoContent, JsonHttpResult<Problem>>> RemoveAsync(
        PathText group, HttpContext http, IPolicyStore policies, PolicyRegistrar registrar, CancellationToken cancel) =>
        await policies.FindGroupAsync(http.Caller().ProjectId, group.Text, cancel) is not { } found
            ? Problems.GroupMissing(http, group)
            : Problems.NoContentOr(http, await registrar.RemoveGroupAsync(http.Caller(), found, cancel), () => Problems.GroupMissing(http, group));

    /// <summary>Makes a principal a member. It is no matter if it is one already.</summary>
    public static Task<Results<NoContent, JsonHttpResult<Problem>>> AddMemberAsync(
        PathText group, PathText principal, HttpContext http, IPolicyStore policies, IPrincipalStore principals, PolicyRegistrar registrar, CancellationToken cancel) =>
        WithMemberAsync(group, principal, http, policies, principals, (found, member) => registrar.AddMemberAsync(http.Caller(), found, member, cancel), cancel);

    /// <summary>Takes a principal out.</summary>
    public static Task<Results<NoContent, JsonHttpResult<Problem>>> RemoveMemberAsync(
        PathText group, PathText principal, HttpContext http, IPolicyStore policies, IPrincipalStore principals, PolicyRegistrar registrar, CancellationToken cancel) =>
        WithMemberAsync(group, principal, http, policies, principals, (found, member) => registrar.RemoveMemberAsync(http.Caller(), found, member, cancel), cancel);

    private static async Task<Results<NoContent, JsonHttpResult<Problem>>> WithMemberAsync(
        PathText group, PathText principal, HttpContext http, IPolicyStore policies, IPrincipalStore principals, Func<PrincipalGroup, Principal, ValueTask<ChangeOutcome>> change,
        CancellationToken cancel)
    {
        if (await policies.FindGroupAsync(http.Caller().ProjectId, group.Text, cancel) is not { } found)
        {
            return Problems.GroupMissing(http, group);
        }

        return await principals.FindAsync(http.Caller().ProjectId, principal.Text, cancel) is not { } member ? Problems.PrincipalMissing(http, principal)
            : Problems.NoContentOr(http, await change(found, member), () => Problems.NotMember(http, found.Name, member.Name));
    }
}
