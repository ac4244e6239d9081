using Keyturn.Access;

namespace Keyturn.Server.Dialects.HuaweiIam;

/// <summary>
/// A Keyturn project as Keystone shows it: a domain (the account that one signs in under, by the project's name) that holds one project (by
/// the region's name). Users are principals.
/// </summary>
internal static class Keystone
{
    /// <summary>Tells the two ids of a project apart: Keystone's clients keep domains and projects in one space of ids.</summary>
    private static readonly Guid DomainMask = new("6b657974-7572-6e20-646f-6d61696e2069");

    public static Reference Domain(Project project) => new(DomainId(project.Id), project.Name);

    public static TokenProject Project(Project project) => new(HuaweiId.Format(project.Id), project.Region, Domain(project));

    public static TokenUser User(Principal principal, Project project) => new(HuaweiId.Format(principal.Id), principal.Name, Domain(project), PasswordExpiresAt: "");

    /// <summary>Whoever may do everything is their administrator of a tenant; others have the scopes of their credential for roles.</summary>
    public static IReadOnlyList<Reference> Roles(Scopes scopes) =>
        scopes.Covers(Scopes.All) ? [new Reference("0", "te_admin")] : [.. scopes.Names.Select(name => new Reference(name, name))];

    /// <summary>Times with microseconds, in UTC: RFC 3339, which Go's clients insist on.</summary>
    public static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'");

    /// <summary>Of the project; and the other way round, because the mask is its own inverse.</summary>
    public static string DomainId(Guid projectId) => HuaweiId.Format(Masked(projectId));

    public static Guid? ProjectOfDomain(string domainId) => HuaweiId.TryParse(domainId) is { } id ? Masked(id) : null;

    /// <summary>Whether a client means this domain; it gives the id, the name or both.</summary>
    public static bool IsDomain(NamedBody named, Project project) =>
        (named.Id ?? named.Name) is not null
        && (named.Id is null || ProjectOfDomain(named.Id) == project.Id)
        && (named.Name is null || named.Name == project.Name);

    /// <summary>Whether a client means this project, by the region's name or by the one that it has in Keyturn.</summary>
    public static bool IsProject(string? id, string? name, Project project) =>
        (id ?? name) is not null
        && (id is null || HuaweiId.TryParse(id) == project.Id)
        && (name is null || name == project.Region || name == project.Name);

    private static Guid Masked(Guid id)
    {
        Span<byte> bytes = stackalloc byte[16];
        Span<byte> mask = stackalloc byte[16];
        id.TryWriteBytes(bytes);
        DomainMask.TryWriteBytes(mask);
        for (var i = 0; i < bytes.Length; i++)
        {
            bytes[i] ^= mask[i];
        }

        return new Guid(bytes);
    }
}
