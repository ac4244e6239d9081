using Microsoft.AspNetCore.Routing.Matching;

namespace Keyturn.Server.Doors;

/// <summary>
/// Of the routes that fit a path, those of the door that was knocked at: providers' paths collide, and <c>GET /v3/{project}/instances</c>
/// is one thing to DDS and another to GaussDB.
/// </summary>
internal sealed class DoorMatcher : MatcherPolicy, IEndpointSelectorPolicy
{
    public override int Order => 0;

    public bool AppliesToEndpoints(IReadOnlyList<Endpoint> endpoints) => endpoints.Any(endpoint => endpoint.Metadata.GetMetadata<Door>() is not null);

    public Task ApplyAsync(HttpContext httpContext, CandidateSet candidates)
    {
        var door = httpContext.Door();
        for (var i = 0; i < candidates.Count; i++)
        {
            if (candidates.IsValidCandidate(i) && candidates[i].Endpoint.Metadata.GetMetadata<Door>() is { } other && other != door)
            {
                candidates.SetValidity(i, value: false);
            }
        }

        return Task.CompletedTask;
    }
}
