using Keyturn.Access;
using Keyturn.Access.Policies;
using Keyturn.Server.Access;
using Keyturn.Server.Hosting;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Keyturn.Server.Api.Access;

/// <summary>Access policies, and to whom they are attached.</summary>
internal static class PolicyCalls
{
    /// <summary>Adds a policy. It does nothing before it is attached.</summary>
    public static async Task<Results<Created<PolicyAnswer>, JsonHttpResult<Problem>>> AddAsync(HttpContext http, PolicyRegistrar registrar, CancellationToken cancel)
    {
        var body = await JsonBody.ReadAsync(http, ApiJson.Default.PolicyBody, cancel);
        if (body.Fault is { } fault)
        {
            return Problems.Malformed(http, fault);
        }

        var outcome = await registrar.AddAsync(http.Caller(), body.Value?.Name ?? "", body.Value?.Document?.GetRawText() ?? "", cancel);
        return outcome.Policy is { } policy
            ? TypedResults.Created($"{ApiRoutes.Prefix}/policies/{policy.Name}", PolicyAnswer.Of(new AttachedPolicy(policy, [], [])))
            : Problems.Of(http, outcome.Refusal!);
    }

    /// <summary>The project's policies, by name.</summary>
    public static async Task<Ok<PoliciesAnswer>> ListAsync(HttpContext http, IPolicyStore policies, CancellationToken cancel) =>
        TypedResults.Ok(new PoliciesAnswer([.. (await policies.ListAsync(http.Caller().ProjectId, cancel)).Select(PolicyAnswer.Of)]));

    /// <summary>One policy.</summary>
    public static async Task<Results<Ok<PolicyAnswer>, JsonHttpResult<Problem>>> GetAsync(PathText policy, HttpContext http, IPolicyStore policies, CancellationToken cancel) =>
        await policies.FindAsync(http.Caller().ProjectId, policy.Text, cancel) is { } found ? TypedResults.Ok(PolicyAnswer.Of(found)) : Problems.PolicyMissing(http, policy);

    /// <summary>Replaces name or document; what is not named stays. In force for the next request, on every node.</summary>
    public static async Task<Results<Ok<PolicyAnswer>, JsonHttpResult<Problem>>> ChangeAsync(
        PathText policy, HttpContext http, IPolicyStore policies, PolicyRegistrar registrar, CancellationToken cancel)
    {
        var body = await JsonBody.ReadAsync(http, ApiJson.Default.PolicyBody, cancel);
        if (body.Fault is { } fault)
        {
            return Problems.Malformed(http, fault);
        }

        if (await policies.FindAsync(http.Caller().ProjectId, policy.Text, cancel) is not { } present)
        {
            return Problems.PolicyMissing(http, policy);
        }

        var outcome = await registrar.ChangeAsync(
            http.Caller(), present.Policy, body.Value?.Name ?? present.Policy.Name, body.Value?.Document?.GetRawText() ?? present.Policy.Document, cancel);
        return outcome.Policy is { } changed ? TypedResults.Ok(PolicyAnswer.Of(present with { Policy = changed })) : Problems.Of(http, outcome.Refusal!);
    }

    /// <summary>Forgets a policy: whoever had it has it no more.</summary>
    public static async Task<Results<NoContent, JsonHttpResult<Problem>>> RemoveAsync(
        PathText policy, HttpContext http, IPolicyStore policies, PolicyRegistrar registrar, CancellationToken cancel) =>
        await policies.FindAsync(http.Caller().ProjectId, policy.Text, cancel) is not { } found
            ? Problems.PolicyMissing(http, policy)
            : Problems.NoContentOr(http, await registrar.RemoveAsync(http.Caller(), found.Policy, cancel), () => Problems.PolicyMissing(http, policy));

    /// <summary>Gives a policy to a principal. It is no matter if it has it already.</summary>
    public static Task<Results<NoContent, JsonHttpResult<Problem>>> AttachToPrincipalAsync(
        PathText policy, PathText principal, HttpContext http, IPolicyStore policies, IPrincipalStore principals, PolicyRegistrar registrar, CancellationToken cancel) =>
        WithPrincipalAsync(policy, principal, http, policies, principals, (found, holder) => registrar.AttachAsync(http.Caller(), found, holder, cancel), cancel);

    /// <summary>Takes a policy away from a principal.</summary>
    public static Task<Results<NoContent, JsonHttpResult<Problem>>> DetachFromPrincipalAsync(
        PathText policy, PathText principal, HttpContext http, IPolicyStore policies, IPrincipalStore principals, PolicyRegistrar registrar, CancellationToken cancel) =>
        WithPrincipalAsync(policy, principal, http, policies, principals, (found, holder) => registrar.DetachAsync(http.Caller(), found, holder, cancel), cancel);

    /// <summary>Gives a policy to all members of a group. It is no matter if it has it already.</summary>
    public static Task<Results<NoContent, JsonHttpResult<Problem>>> AttachToGroupAsync(
        PathText policy, PathText group, HttpContext http, IPolicyStore policies, PolicyRegistrar registrar, CancellationToken cancel) =>
        WithGroupAsync(policy, group, http, policies, (found, holder) => registrar.AttachAsync(http.Caller(), found, holder, cancel), cancel);

    /// <summary>Takes a policy away from a group.</summary>
    public static Task<Results<NoContent, JsonHttpResult<Problem>>> DetachFromGroupAsync(
        PathText policy, PathText group, HttpContext http, IPolicyStore policies, PolicyRegistrar registrar, CancellationToken cancel) =>
        WithGroupAsync(policy, group, http, policies, (found, holder) => registrar.DetachAsync(http.Caller(), found, holder, cancel), cancel);

    private static async Task<Results<NoContent, JsonHttpResult<Problem>>> WithPrincipalAsync(
        PathText policy, PathText principal, HttpContext http, IPolicyStore policies, IPrincipalStore principals, Func<AccessPolicy, Principal, ValueTask<ChangeOutcome>> change,
        CancellationToken cancel)
    {
        if (await policies.FindAsync(http.Caller().ProjectId, policy.Text, cancel) is not { } found)
        {
            return Problems.PolicyMissing(http, policy);
        }

        return await principals.FindAsync(http.Caller().ProjectId, principal.Text, cancel) is not { } holder ? Problems.PrincipalMissing(http, principal)
            : Problems.NoContentOr(http, await change(found.Policy, holder), () => Problems.NotAttached(http, found.Policy.Name, holder.Name));
    }

    private static async Task<Results<NoContent, JsonHttpResult<Problem>>> WithGroupAsync(
        PathText policy, PathText group, HttpContext http, IPolicyStore policies, Func<AccessPolicy, PrincipalGroup, ValueTask<ChangeOutcome>> change, CancellationToken cancel)
    {
        if (await policies.FindAsync(http.Caller().ProjectId, policy.Text, cancel) is not { } found)
        {
            return Problems.PolicyMissing(http, policy);
        }

        return await policies.FindGroupAsync(http.Caller().ProjectId, group.Text, cancel) is not { } holder ? Problems.GroupMissing(http, group)
            : Problems.NoContentOr(http, await change(found.Policy, holder), () => Problems.NotAttached(http, found.Policy.Name, holder.Name));
    }
}
