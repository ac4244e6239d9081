using Keyturn.Access;
using Keyturn.Server.Access;
using Keyturn.Server.Doors;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace Keyturn.Server.Dialects.HuaweiIam;

/// <summary>Identity and access management as Huawei and Open Telekom Cloud have it, which is Keystone v3: what clients ask before they ask a service.</summary>
internal static class HuaweiIamDialect
{
    private const string KeystoneVersion = "v3.14";

    private static readonly string[] Read = [HttpMethods.Get, HttpMethods.Head];

    public static readonly Door Door = new("iam")
    {
        Paths = "/v3/auth, /v3/projects, /v3/domains, /v3.0",
        IsAskedBy = request => HuaweiServices.Of(request) == HuaweiService.Iam,
        Scheme = HuaweiHandler.SchemeName,
        WriteErrorAsync = IamErrors.WriteAsync,
        RequestIdFormat = HuaweiDoors.RequestIdFormat,
    };

    public static void MapHuaweiIam(this IEndpointRouteBuilder routes)
    {
        var iam = routes.MapGroup("").WithDoor(Door).WithTags("iam").ExcludeFromDescription();
        iam.MapGet("/", (HttpContext http) => Json(new VersionsAnswer(new VersionValues([Version(http)])))).AllowAnonymous();
        iam.MapGet("/v3", (HttpContext http) => Json(new VersionAnswer(Version(http)))).AllowAnonymous();
        iam.MapPost("/v3/auth/tokens", IamTokens.CreateAsync).AllowAnonymous();

        var known = iam.MapGroup("").ForEveryCaller();
        known.MapMethods("/v3/auth/tokens", Read, IamTokens.ShowAsync);
        known.MapDelete("/v3/auth/tokens", IamTokens.RevokeAsync);
        known.MapGet("/v3/auth/catalog", GetCatalogAsync);
        known.MapGet("/v3/auth/projects", ListProjectsAsync);
        known.MapGet("/v3/auth/domains", ListDomainsAsync);
        known.MapGet("/v3/projects", ListProjectsAsync);
        known.MapGet("/v3/projects/{id}", GetProjectAsync);
        known.MapGet("/v3/domains/{id}", GetDomainAsync);
        known.MapPost("/v3.0/OS-CREDENTIAL/securitytokens", TemporaryKeysEndpoint.CreateAsync);
    }

    /// <summary>The addresses of the services, as clients reach them that came in by this request.</summary>
    public static IReadOnlyList<CatalogEntry> Catalog(HttpContext http, Project project) =>
        ServiceCatalog.Of(project, name => BaseUrl(http, DoorList.Find(name) ?? Door));

    public static JsonHttpResult<T> Json<T>(T answer, int status = StatusCodes.Status200OK) => TypedResults.Json(answer, IamJson.Default, statusCode: status);

    private static async Task<IResult> GetCatalogAsync(HttpContext http, IPrincipalStore principals, CancellationToken cancel) =>
        Json(new CatalogAnswer(Catalog(http, await ProjectAsync(http, principals, cancel)), Self(http)));

    /// <summary>The caller's one project, unless it asks for another. SDKs ask with the region for a name.</summary>
    private static async Task<IResult> ListProjectsAsync(
        string? name, [FromQuery(Name = "domain_id")] string? domainId, HttpContext http, IPrincipalStore principals, CancellationToken cancel)
    {
        var project = await ProjectAsync(http, principals, cancel);
        var isAsked = (name is null || Keystone.IsProject(id: null, name, project)) && (domainId is null || Keystone.ProjectOfDomain(domainId) == project.Id);
        return Json(new ProjectsAnswer(new ListLinks(Self(http).Self), isAsked ? [Listed(http, project)] : []));
    }

    /// <summary>The openstack client asks by id for what it is told by name, and by name only if there is no such id.</summary>
    private static async Task<IResult> GetProjectAsync(string id, HttpContext http, IPrincipalStore principals, CancellationToken cancel) =>
        await ProjectAsync(http, principals, cancel) is var project && HuaweiId.TryParse(id) == project.Id ? Json(new ProjectAnswer(Listed(http, project))) : IamErrors.NotFound();

    private static async Task<IResult> ListDomainsAsync(string? name, HttpContext http, IPrincipalStore principals, CancellationToken cancel)
    {
        var project = await ProjectAsync(http, principals, cancel);
        return Json(new DomainsAnswer(name is null || name == project.Name ? [ListedDomain(http, project)] : [], new ListLinks(Self(http).Self)));
    }

    private static async Task<IResult> GetDomainAsync(string id, HttpContext http, IPrincipalStore principals, CancellationToken cancel) =>
        await ProjectAsync(http, principals, cancel) is var project && Keystone.ProjectOfDomain(id) == project.Id ? Json(new DomainAnswer(ListedDomain(http, project))) : IamErrors.NotFound();

    private static ListedDomain ListedDomain(HttpContext http, Project project)
    {
        var (id, name) = Keystone.Domain(project);
        return new ListedDomain(id, name, Enabled: true, Description: "", new SelfLink($"{BaseUrl(http, Door)}/v3/domains/{id}"));
    }

    private static ListedProject Listed(HttpContext http, Project project)
    {
        var (id, domain) = (HuaweiId.Format(project.Id), Keystone.DomainId(project.Id));
        return new ListedProject(id, project.Region, domain, ParentId: domain, IsDomain: false, Enabled: true, Description: "", new SelfLink($"{BaseUrl(http, Door)}/v3/projects/{id}"));
    }

    private static ApiVersion Version(HttpContext http) => new(
        KeystoneVersion, "stable", [new VersionLink("self", BaseUrl(http, Door) + "/v3/")], [new MediaType("application/json", "application/vnd.openstack.identity-v3+json")]);

    private static SelfLink Self(HttpContext http) => new($"{BaseUrl(http, Door)}{http.Request.Path}");

    private static string BaseUrl(HttpContext http, Door door) => http.RequestServices.GetRequiredService<DoorAddresses>().BaseUrl(http, door);

    /// <summary>A caller's project is there for as long as the caller is.</summary>
    private static async ValueTask<Project> ProjectAsync(HttpContext http, IPrincipalStore principals, CancellationToken cancel) =>
        (await principals.FindProjectAsync(http.Caller().ProjectId, cancel))!;
}
