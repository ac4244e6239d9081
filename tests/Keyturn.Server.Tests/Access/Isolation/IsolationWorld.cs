using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Keyturn.Access;
using Keyturn.Passwords;
using Keyturn.Server.Access;
using Keyturn.Server.Dialects.HuaweiIam;
using Keyturn.Server.Doors;

namespace Keyturn.Server.Tests.Access.Isolation;

/// <summary>Somebody with a credential for each door.</summary>
/// <param name="Name">For messages.</param>
/// <param name="Own">What it may name.</param>
/// <param name="IsOfOtherProject">Whether all that is hidden is another project's; else it is of the same one, and only its instances are hidden.</param>
internal sealed record Visitor(string Name, Belongings Own, bool IsOfOtherProject)
{
    public required string Token { get; init; }

    public required string EmailKey { get; init; }

    public required string Session { get; init; }
}

/// <summary>
/// A server with two projects. In the operator's are instances of two enterprise projects, the hidden and the open one; the stranger's has its own. Each service of
/// Huawei's has a name of its own, so that no path decides which of them is meant.
/// </summary>
internal sealed class IsolationWorld : IAsyncDisposable
{
    public static readonly string[] Engines = ["postgresql", "mysql", "redis", "mongodb"];

    private const string AllowOpen = """{"Effect":"Allow","Action":["*"],"Condition":{"StringEquals":{"g:EnterpriseProjectId":["ep-open"]}}}""";
    private const string AllowOpenAndPolicies = $$"""{{AllowOpen}},{"Effect":"Allow","Action":["keyturn:policy:read"]}""";
    private const string DenyHidden = """{"Effect":"Deny","Action":["*"],"Condition":{"StringEquals":{"g:EnterpriseProjectId":["ep-hide"]}}}""";

    private IsolationWorld(RunningServer server) => Server = server;

    public RunningServer Server { get; }

    /// <summary>What nobody but <see cref="Operator"/> may know of.</summary>
    public Belongings Hidden { get; private set; } = null!;

    /// <summary>Whose the hidden things are.</summary>
    public Visitor Operator { get; private set; } = null!;

    public IReadOnlyList<Visitor> Visitors { get; private set; } = [];

    public static async Task<IsolationWorld> StartAsync()
    {
        var server = await RunningServer.StartAsync(options => options with
        {
            RateLimit = 1_000_000,
            Dialects = [new DoorAddress("gaussdb", "http://gaussdb.example"), new DoorAddress("ddm", "http://ddm.example"), new DoorAddress("dds", "http://dds.example")],
        });
        var world = new IsolationWorld(server);
        world.BringBackAccounts();
        await world.FillAsync();
        return world;
    }

    /// <summary>Also those that a route has dropped.</summary>
    public void BringBackAccounts()
    {
        foreach (var passwords in Server.Engines.Select(engine => engine.Passwords))
        {
            passwords.TryAdd("app", "before");
            passwords.TryAdd("root", "before");
            passwords.TryAdd("default", "before");
        }
    }

    public async Task<HttpResponseMessage> SendAsync(Visitor visitor, IsolationCase one, string path, string? body)
    {
        var (target, session) = path.Split('#') is [var before, var behind] ? (before, behind) : (path, null);
        using var request = Server.Request(new HttpMethod(one.Method), target, body ?? (one.Method is "POST" or "PUT" or "PATCH" ? "{}" : null));
        switch (one.Door)
        {
            case "native" or "digitalocean":
                request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", visitor.Token);
                break;
            case "upstash":
                request.Headers.Authorization = new AuthenticationHeaderValue("Basic", visitor.EmailKey);
                break;
            default:
                request.Headers.Add("X-Auth-Token", visitor.Session);
                request.Headers.Host = one.Door == "iam" ? null : $"{one.Door}.example";
                break;
        }

        if (session is not null)
        {
            request.Headers.Add("X-Subject-Token", session);
        }

        return await Server.Anonymous.SendAsync(request);
    }

    public ValueTask DisposeAsync() => Server.DisposeAsync();

    private async Task FillAsync()
    {
        var operators = (await Server.Store.Principals.FindProjectAsync("project-of-operator", default))!;
        var strangers = (await Server.Store.Principals.FindProjectAsync("project-of-stranger", default))!;
        Operator = await AddVisitorAsync("owner", operators, isOwner: true, own: Belongings.OfNobody(), isOfOther: false);
        Hidden = await AddBelongingsAsync("hide", operators, Server.Client, Operator);
        Operator = Operator with { Own = Hidden };
        var open = await AddBelongingsAsync("open", operators, Server.Client, Operator);
        var other = await AddVisitorAsync("owner of the other project", strangers, isOwner: true, own: Belongings.OfNobody(), isOfOther: true);
        var others = await AddBelongingsAsync("mine", strangers, Server.Stranger, other);

        Visitors =
        [
            other with { Own = others },
            await AddVisitorAsync("principal of the other project, limited", strangers, isOwner: false, others, isOfOther: true, Server.Stranger, AllowOpen),
            await AddVisitorAsync("principal of the other project, without rights", strangers, isOwner: false, others, isOfOther: true),
            await AddVisitorAsync("principal with an enterprise project", operators, isOwner: false, open, isOfOther: false, Server.Client, AllowOpen),
            await AddVisitorAsync("principal with an enterprise project, who may read policies", operators, isOwner: false, open, isOfOther: false, Server.Client, AllowOpenAndPolicies),
            await AddVisitorAsync("owner without an enterprise project", operators, isOwner: true, open, isOfOther: false, Server.Client, DenyHidden),
            await AddVisitorAsync("principal without rights", operators, isOwner: false, open, isOfOther: false),
        ];
    }

    private async Task<Visitor> AddVisitorAsync(string name, Project project, bool isOwner, Belongings own, bool isOfOther, HttpClient? administrator = null, string? statements = null)
    {
        var (store, now) = (Server.Store.Principals, TimeProvider.System.GetUtcNow());
        var (token, key, session) = (ApiToken.Generate(), EmailKey.Generate(), SessionToken.Generate());
        var principal = new Principal(Guid.NewGuid(), project.Id, $"p{Guid.NewGuid():N}", now) { IsOwner = isOwner, Email = $"{Guid.NewGuid():N}@example.com" };
        (await store.AddAsync(principal, audit: null, default)).ShouldBeTrue();
        foreach (var (kind, hash, scope) in new[] { (CredentialKind.Token, ApiToken.Hash(token), null), (CredentialKind.EmailKey, EmailKey.Hash(key), null), (CredentialKind.Session, ApiToken.Hash(session), SessionToken.ProjectScope) })
        {
            var credential = new PrincipalCredential(Guid.NewGuid(), principal.Id, kind, "test", now) { PublicId = scope, ExpiresAt = now.AddHours(1) };
            await store.AddCredentialAsync(credential, new CredentialMaterial(hash), audit: null, default);
        }

        if (administrator is not null)
        {
            var policy = $"of-{principal.Name}";
            await SendAsync(administrator, HttpMethod.Post, "/api/v1/policies", $$$"""{"name":"{{{policy}}}","document":{"Version":"5.0","Statement":[{{{statements}}}]}}""");
            await SendAsync(administrator, HttpMethod.Put, $"/api/v1/policies/{policy}/principals/{principal.Name}");
        }

        var basic = Convert.ToBase64String(Encoding.UTF8.GetBytes($"{principal.Email}:{key.Reveal()}"));
        return new Visitor(name, own, isOfOther) { Token = token.Reveal(), EmailKey = basic, Session = session.Reveal() };
    }

    private async Task<Belongings> AddBelongingsAsync(string prefix, Project project, HttpClient client, Visitor owner)
    {
        var instances = new Dictionary<string, Guid>();
        foreach (var engine in Engines)
        {
            var answer = await SendAsync(client, HttpMethod.Post, "/api/v1/instances", $$$"""
                {"name":"{{{prefix}}}-{{{engine}}}","engine":"{{{engine}}}","nodes":[{"host":"{{{prefix}}}.example","port":5432}],"admin":{"user":"admin","password":"Adm1n-Pa55word"},
                 "main_account":"root","is_clone":true,"attributes":{"enterprise-project-id":"ep-{{{prefix}}}"}}
                """);
            instances[engine] = answer["id"]!.GetValue<Guid>();
        }

        var accounts = $"/api/v1/instances/{prefix}-postgresql/accounts/app";
        await SendAsync(client, HttpMethod.Post, $"{accounts}/adopt", $$"""{"password":"{{Server.Postgres.Passwords["app"]}}"}""");
        var reset = (await SendAsync(client, HttpMethod.Post, $"{accounts}/reset"))["reset"]!["id"]!.GetValue<Guid>();
        await SendAsync(client, HttpMethod.Put, $"{accounts}/schedule", """{"every_days":30}""");
        await SendAsync(client, HttpMethod.Post, "/api/v1/groups", $$"""{"name":"{{prefix}}-group"}""");
        await SendAsync(client, HttpMethod.Post, "/api/v1/policies", $$"""{"name":"{{prefix}}-policy","document":{"Version":"5.0","Statement":[{"Effect":"Deny","Action":["ecs:*:*"] }] } }""");
        await SendAsync(client, HttpMethod.Post, "/api/v1/principals", $$"""{"name":"{{prefix}}-principal"}""");
        var credential = await SendAsync(client, HttpMethod.Post, $"/api/v1/principals/{prefix}-principal/credentials", """{"kind":"token"}""");
        await SendAsync(client, HttpMethod.Put, $"/api/v1/policies/{prefix}-policy/principals/{prefix}-principal");
        await SendAsync(client, HttpMethod.Put, $"/api/v1/groups/{prefix}-group/members/{prefix}-principal");

        // So that the audit log knows it.
        using var holder = Server.NewClient(new Secret(credential["secret"]!.GetValue<string>()));
        (await holder.GetAsync("/api/v1/instances")).StatusCode.ShouldBe(HttpStatusCode.Forbidden);

        var held = await Server.Store.Instances.ListAccountsAsync(instances["postgresql"], default);
        var known = Belongings.OfNobody() with
        {
            Project = project.Id,
            Prefix = prefix,
            Instances = instances,
            Account = held.Single(account => account.Name.User == "app").Id,
            Reset = reset,
            Credential = credential["credential"]!["id"]!.GetValue<Guid>(),
            Session = owner.Session,
        };
        return known with
        {
            GaussDbJob = await JobAsync(owner, known, "PUT /v3/{project_id}/instances/{instance_id}/db-users/password", "gaussdb", json => json["job_id"]!.GetValue<string>()),
            DdmJob = await JobAsync(owner, known, "PUT /v3/{project_id}/instances/{instance_id}/admin-user", "ddm", json => json["job_id"]!.GetValue<string>()),
            DdsJob = await JobAsync(owner, known, "PUT /v3/{project_id}/instances/{instance_id}/reset-password", "dds", _ => null),
        };
    }

    /// <summary>Has a job done, and says its id: that of the answer, else that of its reset.</summary>
    private async Task<Guid> JobAsync(Visitor owner, Belongings known, string route, string door, Func<JsonNode, string?> idOf)
    {
        var one = IsolationCase.All.Single(each => each.Route == $"{door} {route}");
        var path = one.Placeholders.Aggregate(one.Path, (text, place) => text.Replace(place.Text, known.Values(door, place.Before, place.Name)[0], StringComparison.Ordinal));
        using var response = await SendAsync(owner, one, path, one.Body);
        var body = await response.Content.ReadAsStringAsync();
        response.IsSuccessStatusCode.ShouldBeTrue($"{one}: {body}");
        return Guid.Parse(idOf(JsonNode.Parse(body)!) ?? response.Headers.GetValues("Keyturn-Reset-Id").Single());
    }

    private async Task<JsonNode> SendAsync(HttpClient client, HttpMethod method, string path, string? body = null)
    {
        using var response = await client.SendAsync(Server.Request(method, path, body));
        var text = await response.Content.ReadAsStringAsync();
        response.StatusCode.ShouldBeOneOf([HttpStatusCode.OK, HttpStatusCode.Created, HttpStatusCode.NoContent], $"{method} {path}: {text}");
        return text.Length == 0 ? new JsonObject() : JsonNode.Parse(text)!;
    }
}
