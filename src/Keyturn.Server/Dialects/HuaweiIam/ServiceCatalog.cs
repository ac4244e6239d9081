using System.Security.Cryptography;
using System.Text;
using Keyturn.Access;

namespace Keyturn.Server.Dialects.HuaweiIam;

/// <summary>Where the services are, for clients that take their addresses from the catalog.</summary>
internal static class ServiceCatalog
{
    /// <summary>
    /// Type, name, door and path. otcextensions asks for <c>gaussdb-mysql</c>. Open Telekom Cloud's Go SDK and Terraform provider make GaussDB's
    /// address of <c>volumev2</c>'s: the first <c>v2</c> in it becomes <c>mysql/v3</c>, and <c>evs</c> becomes <c>gaussdb</c>.
    /// </summary>
    private static readonly (string Type, string Name, string Door, string Path)[] Services =
    [
        ("gaussdb-mysql", "gaussdb-mysql", "gaussdb", "/mysql/v3/{0}"),
        ("volumev2", "gaussdb", "gaussdb", "/v2/{0}"),
        ("gaussdb", "gaussdb", "gaussdb", "/v3/{0}"),
        ("gaussdbv3", "gaussdb", "gaussdb", "/v3/{0}"),
        ("ddmv1", "ddm", "ddm", "/v1/{0}"),
        ("ddmv2", "ddm", "ddm", "/v2/{0}"),
        ("ddmv3", "ddm", "ddm", "/v3/{0}"),
        ("ddsv3", "dds", "dds", "/v3/{0}"),
        ("identity", "keystone", "iam", "/v3"),
        ("iam", "iam", "iam", "/v3"),
    ];

    public static IReadOnlyList<CatalogEntry> Of(Project project, Func<string, string> baseUrl) =>
        [.. Services.Select(service => Entry(service, project, baseUrl(service.Door)))];

    private static CatalogEntry Entry((string Type, string Name, string Door, string Path) service, Project project, string baseUrl)
    {
        var url = baseUrl + service.Path.Replace("{0}", HuaweiId.Format(project.Id), StringComparison.Ordinal);
        return new CatalogEntry(service.Type, Id(service.Type), service.Name, [new CatalogEndpoint(Id($"{service.Type} {project.Id}"), "public", project.Region, project.Region, url)]);
    }

    /// <summary>The same at every node and after every start.</summary>
    private static string Id(string of) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(of)).AsSpan(0, 16));
}
