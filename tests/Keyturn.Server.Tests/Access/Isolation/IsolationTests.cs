using System.Net;
using System.Text.Json.Nodes;
using Keyturn.Engines;
using Keyturn.Server.Doors;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Routing;

namespace Keyturn.Server.Tests.Access.Isolation;

/// <summary>
/// What a caller may not know of is answered like what there is not, byte for byte: at every route of every door, whatever the request names, whether it is another
/// project's or only kept from the caller by its policies.
/// </summary>
public sealed class IsolationTests : IAsyncLifetime
{
    /// <summary>Without a credential nobody is told anything but that; the sign-in has tests of its own.</summary>
    private static readonly string[] OpenToAll = ["iam GET ", "iam GET /v3", "iam POST /v3/auth/tokens"];

    /// <summary>What is told by an owner's own project as a whole, its instances included: who may read the audit log may read all of it.</summary>
    private static readonly string[] OfTheWholeProject = ["native GET /api/v1/audit"];

    /// <summary>A page goes on behind any id; the instance of the test has no certificate of its own; grants are refused whatever they are for.</summary>
    private static readonly string[] SameForItsOwner =
    [
        "native GET /api/v1/accounts?after={account-id}", "digitalocean GET /v2/databases/{uuid}/ca",
        "gaussdb POST /v3/{project_id}/instances/{instance_id}/db-users/privilege {\"users\":[]}", "gaussdb DELETE /v3/{project_id}/instances/{instance_id}/db-users/privilege {\"users\":[]}",
    ];

    private IsolationWorld _world = null!;

    public async ValueTask InitializeAsync() => _world = await IsolationWorld.StartAsync();

    public ValueTask DisposeAsync() => _world.DisposeAsync();

    [Fact]
    public void EveryRoute_HasACase()
    {
        var routes = _world.Server.Endpoints.OfType<RouteEndpoint>()
            .Where(route => route.Metadata.GetMetadata<Door>() is not null && route.Metadata.GetMetadata<IAllowAnonymous>() is null)
            .Select(route => IsolationCase.Of(route.Metadata.GetMetadata<Door>()!.Name, route));

        var (mapped, written) = (routes.ToHashSet(), IsolationCase.All.Select(one => one.Route).ToHashSet());
        mapped.Except(written).ShouldBeEmpty("each of these needs a line in IsolationCase");
        written.Except(mapped).ShouldBeEmpty("these are no routes any more");
    }

    [Fact]
    public void RoutesWithoutACase_AreThoseThatAnybodyMayCall() =>
        _world.Server.Endpoints.OfType<RouteEndpoint>().Where(route => route.Metadata.GetMetadata<Door>() is not null && route.Metadata.GetMetadata<IAllowAnonymous>() is not null)
            .Select(route => IsolationCase.Of(route.Metadata.GetMetadata<Door>()!.Name, route)).Order(StringComparer.Ordinal).ShouldBe(OpenToAll);

    /// <summary>All routes in one test, since each of them is the other's company: what one caller did is there for the next.</summary>
    [Fact]
    public async Task WhatMayNotBeKnown_IsToldLikeWhatThereIsNot()
    {
        // A list that begins behind an account's id begins at the same place behind its neighbour.
        var nothing = Belongings.OfNobody() with { Account = Belongings.NextTo(_world.Hidden.Account) };
        var leaks = new List<string>();
        foreach (var one in IsolationCase.All)
        {
            foreach (var visitor in _world.Visitors)
            {
                leaks.AddRange(await CompareAsync(one, visitor, nothing));
            }

            leaks.AddRange(await ControlAsync(one, nothing));
        }

        leaks.ShouldBeEmpty();
    }

    /// <summary>A page with gaps would tell how many accounts are passed over, and where it goes on would name one of them.</summary>
    [Fact]
    public async Task HeldAccounts_PageByPage_GoOnlyAlongThoseThatMayBeSeen()
    {
        var visitor = Limited;
        var whole = (await ReadAsync(visitor, "/api/v1/accounts"))["accounts"]!.AsArray().Select(Name).ToList();
        whole.Count.ShouldBeGreaterThan(4);

        var paged = new List<string>();
        for (var next = Guid.Empty.ToString(); next is not null;)
        {
            var page = await ReadAsync(visitor, $"/api/v1/accounts?limit=1&after={next}");
            next = (string?)page["next"];
            page["accounts"]!.AsArray().Count.ShouldBe(next is null ? 0 : 1);
            paged.AddRange(page["accounts"]!.AsArray().Select(Name));
        }

        paged.ShouldBe(whole);
        static string Name(JsonNode? account) => $"{account!["instance"]} {account["name"]}";
    }

    [Fact]
    public async Task Status_CountsWhatMayBeSeen()
    {
        _world.Server.Postgres.OnChange = () =>
        {
            _world.Server.Postgres.Down = new Failure(EngineError.Unreachable, "Nothing listens.");
            return ChangeResult.Unknown(EngineError.ConnectionLost, "The connection ended.");
        };
        (await _world.Server.PostAsync("/api/v1/instances/hide-postgresql/accounts/app/reset")).Status.ShouldBe(HttpStatusCode.Accepted);

        ((int?)(await ReadAsync(_world.Operator, "/api/v1/status"))["open_resets"]).ShouldBe(1);
        ((int?)(await ReadAsync(Limited, "/api/v1/status"))["open_resets"]).ShouldBe(0);
    }

    /// <summary>Two instances of one server would lose each other's passwords, so that the second is refused, whosever the first is; its name is for those who may read it.</summary>
    [Fact]
    public async Task ServerThatIsRegisteredAlready_IsNamedToWhoMaySeeIt()
    {
        const string Registration = """{"name":"NAME","engine":"postgresql","nodes":[{"host":"db","port":1}],"admin":{"user":"admin","password":"Adm1n-Pa55word"},"attributes":{"enterprise-project-id":"ep-hide"}}""";
        (await _world.Server.PostAsync("/api/v1/instances", Registration.Replace("NAME", "hide-alone", StringComparison.Ordinal))).Status.ShouldBe(HttpStatusCode.Created);

        var told = new List<(HttpStatusCode, string)>();
        foreach (var visitor in new[] { _world.Operator, _world.Visitors.First(each => each.IsOfOtherProject), _world.Visitors.Single(each => each.Name == "owner without an enterprise project") })
        {
            using var response = await AskAsync(visitor, HttpMethod.Post, "/api/v1/instances", Registration.Replace("NAME", "second", StringComparison.Ordinal));
            told.Add((response.StatusCode, JsonNode.Parse(await response.Content.ReadAsStringAsync())!["detail"]!.GetValue<string>().Split('.')[0]));
        }

        told.ShouldBe(
        [
            (HttpStatusCode.Conflict, "This server is registered already, as hide-alone"), (HttpStatusCode.Conflict, "This server is registered already"), (HttpStatusCode.Conflict, "This server is registered already"),
        ]);
    }

    private Visitor Limited => _world.Visitors.Single(each => each.Name == "principal with an enterprise project");

    private async Task<JsonNode> ReadAsync(Visitor visitor, string path)
    {
        using var response = await AskAsync(visitor, HttpMethod.Get, path, body: null);
        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        return JsonNode.Parse(await response.Content.ReadAsStringAsync())!;
    }

    private Task<HttpResponseMessage> AskAsync(Visitor visitor, HttpMethod method, string path, string? body) => _world.SendAsync(visitor, new IsolationCase("native", method.Method, path, body), path, body);

    /// <summary>Each thing that the request names hidden for once, and the others the visitor's own; then all of them hidden.</summary>
    private async Task<List<string>> CompareAsync(IsolationCase one, Visitor visitor, Belongings nothing)
    {
        if (!visitor.IsOfOtherProject && OfTheWholeProject.Contains(one.Route))
        {
            return [];
        }

        var leaks = new List<string>();

        // What names nothing hidden is looked at for traces only; what the visitor may do to its own is no matter here.
        var hidden = one.Placeholders.Where(place => visitor.IsOfOtherProject || one.IsOfInstance(place)).ToList();
        foreach (var varied in hidden.Select(place => new[] { place }).Append([.. hidden]).Where(varied => varied.Length > 0 || one.Method != "DELETE"))
        {
            foreach (var (asked, missing) in Pairs(one, visitor.Own, _world.Hidden, nothing, varied))
            {
                var shown = await AskAsync(visitor, one, asked);
                var none = varied.Length == 0 ? shown : await AskAsync(visitor, one, missing);
                leaks.AddRange(shown == none ? [] : [$"{visitor.Name}: {one} with {string.Join(", ", varied.Select(place => place.Text))}\n{shown}\nand of nobody's\n{none}"]);
                leaks.AddRange(_world.Hidden.Traces(visitor.IsOfOtherProject).Where(trace => shown.Contains(trace, StringComparison.OrdinalIgnoreCase)).Select(trace => $"{visitor.Name}: {one} tells of {trace}\n{shown}"));
            }
        }

        return leaks;
    }

    /// <summary>Whose it is is answered otherwise: else the request never came to what it names, and was no test.</summary>
    private async Task<List<string>> ControlAsync(IsolationCase one, Belongings nothing)
    {
        if (SameForItsOwner.Contains(one.ToString()) || one.Placeholders.Count == 0)
        {
            return [];
        }

        var missing = new List<(Placeholder Place, string Answer)>();
        foreach (var place in one.Placeholders)
        {
            missing.Add((place, await AskAsync(_world.Operator, one, Pairs(one, _world.Hidden, _world.Hidden, nothing, [place]).First().Missing)));
        }

        _world.BringBackAccounts();
        var own = await AskAsync(_world.Operator, one, Pairs(one, _world.Hidden, _world.Hidden, nothing, []).First().Asked);
        return [.. missing.Where(each => each.Answer == own).Select(each => $"{one}: its owner is told the same with {each.Place.Text} as without:\n{own}")];
    }

    /// <summary>The request with what is hidden, and with nothing in its place: in each way that it can be named.</summary>
    private static IEnumerable<(Request Asked, Request Missing)> Pairs(IsolationCase one, Belongings own, Belongings hidden, Belongings nothing, IReadOnlyCollection<Placeholder> varied)
    {
        var ways = one.Placeholders.Max(place => (int?)hidden.Values(one.Door, place.Before, place.Name).Count) ?? 1;
        for (var way = 0; way < ways; way++)
        {
            yield return (Fill(one, place => varied.Contains(place) ? hidden : own, way), Fill(one, place => varied.Contains(place) ? nothing : own, way));
        }
    }

    private static Request Fill(IsolationCase one, Func<Placeholder, Belongings> of, int way)
    {
        var request = new Request(one.Path, one.Body, []);
        foreach (var place in one.Placeholders)
        {
            var values = of(place).Values(one.Door, place.Before, place.Name);
            var value = values[way % values.Count];
            request = new Request(request.Path.Replace(place.Text, value, StringComparison.Ordinal), request.Body?.Replace(place.Text, value, StringComparison.Ordinal), [.. request.Named, (place.Text, value)]);
        }

        return request;
    }

    /// <summary>The whole answer; what the request named is a placeholder in it again.</summary>
    private async Task<string> AskAsync(Visitor visitor, IsolationCase one, Request request)
    {
        using var response = await _world.SendAsync(visitor, one, request.Path, request.Body);
        return request.Named.Aggregate(await response.WholeAsync(), (text, named) => text.Replace(named.Value, named.Place, StringComparison.Ordinal));
    }

    private sealed record Request(string Path, string? Body, IReadOnlyList<(string Place, string Value)> Named);
}
