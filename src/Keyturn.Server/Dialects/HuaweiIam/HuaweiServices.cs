namespace Keyturn.Server.Dialects.HuaweiIam;

/// <summary>Huawei's services that Keyturn speaks for.</summary>
internal enum HuaweiService
{
    /// <summary>None of them.</summary>
    None,

    /// <summary>Sign-in and what clients read around it.</summary>
    Iam,

    /// <summary>GaussDB(for MySQL), TaurusDB.</summary>
    GaussDb,

    /// <summary>Distributed Database Middleware.</summary>
    Ddm,

    /// <summary>Document Database Service.</summary>
    Dds,
}

/// <summary>
/// Which service a path is for, where all of them answer at one address. In the cloud the host tells; here the version does, then the suffix
/// of the instance's id, then the operation. What none of them tells (a plain <c>GET /v3/{project}/instances</c>) is DDS's: GaussDB's clients
/// can be given an address of their own, or <c>/mysql/v3</c>.
/// </summary>
internal static class HuaweiServices
{
    public static HuaweiService Of(HttpRequest request)
    {
        var path = (request.Path.Value ?? "").Split('/', StringSplitOptions.RemoveEmptyEntries);
        return path switch
        {
            [] or ["v3"] or ["v3", "auth", ..] or ["v3", "projects" or "domains", ..] or ["v3.0", ..] => HuaweiService.Iam,
            ["mysql", ..] or ["v3.1", ..] => HuaweiService.GaussDb,
            ["v2", "databases" or "redis", ..] => HuaweiService.None,
            ["v1" or "v2", ..] => HuaweiService.Ddm,
            ["v3", _, "instances"] => OfList(request),
            ["v3", _, "instances", var id, ..] => OfId(id) ?? OfOperation(path.ElementAtOrDefault(4)),
            ["v3", _, "jobs"] => HuaweiService.GaussDb,
            ["v3", _, "jobs", ..] => HuaweiService.Ddm,
            ["v3", ..] => HuaweiService.Dds,
            _ => HuaweiService.None,
        };
    }

    private static HuaweiService OfList(HttpRequest request) =>
        OfId(request.Query["id"].ToString())
        ?? (request.Query["datastore_type"].ToString().StartsWith("gaussdb", StringComparison.OrdinalIgnoreCase) || request.Query.ContainsKey("type")
            ? HuaweiService.GaussDb
            : HuaweiService.Dds);

    private static HuaweiService? OfId(string id) => HuaweiId.SuffixOf(id) switch
    {
        HuaweiId.GaussDb => HuaweiService.GaussDb,
        HuaweiId.Ddm => HuaweiService.Ddm,
        HuaweiId.Dds => HuaweiService.Dds,
        _ => null,
    };

    private static HuaweiService OfOperation(string? operation) => operation switch
    {
        "password" or "db-users" => HuaweiService.GaussDb,
        "users" or "admin-user" => HuaweiService.Ddm,
        _ => HuaweiService.Dds,
    };
}
