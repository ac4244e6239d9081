using Keyturn.Server.Dialects.HuaweiIam;

namespace Keyturn.Server.Tests.Access.Isolation;

/// <summary>One of each thing that a request can name, with ids as the doors write them: what somebody has, or what nobody has.</summary>
internal sealed record Belongings
{
    public required Guid Project { get; init; }

    /// <summary>Id of the instance on each engine.</summary>
    public required IReadOnlyDictionary<string, Guid> Instances { get; init; }

    /// <summary>Its name is this, a hyphen and the engine's.</summary>
    public required string Prefix { get; init; }

    /// <summary>Of an account that Keyturn holds.</summary>
    public required Guid Account { get; init; }

    /// <summary>Of the PostgreSQL account.</summary>
    public required Guid Reset { get; init; }

    public required Guid GaussDbJob { get; init; }

    public required Guid DdmJob { get; init; }

    public required Guid DdsJob { get; init; }

    public required Guid Credential { get; init; }

    /// <summary>A session of Keystone's.</summary>
    public required string Session { get; init; }

    /// <summary>What nobody has, written as what somebody could have.</summary>
    public static Belongings OfNobody() => new()
    {
        Project = Guid.NewGuid(),
        Instances = IsolationWorld.Engines.ToDictionary(engine => engine, _ => Guid.NewGuid()),
        Prefix = "faux",
        Account = Guid.NewGuid(),
        Reset = Guid.CreateVersion7(),
        GaussDbJob = Guid.CreateVersion7(),
        DdmJob = Guid.CreateVersion7(),
        DdsJob = Guid.CreateVersion7(),
        Credential = Guid.CreateVersion7(),
        Session = SessionToken.Generate().Reveal(),
    };

    public static Guid NextTo(Guid id)
    {
        var bytes = id.ToByteArray(bigEndian: true);
        bytes[^1] ^= 1;
        return new Guid(bytes, bigEndian: true);
    }

    public string NameOf(string engine) => $"{Prefix}-{engine}";

    /// <summary>All texts that tell of the instances, and, for other projects, of everything else.</summary>
    public IEnumerable<string> Traces(bool alsoOfProject) =>
    [
        .. Instances.SelectMany(one => Forms(one.Value)), .. new[] { Account, Reset, GaussDbJob, DdmJob, DdsJob }.SelectMany(Forms), .. IsolationWorld.Engines.Select(NameOf),
        .. alsoOfProject ? [.. Forms(Project), Keystone.DomainId(Project), .. Forms(Credential), Session, Prefix] : (string[])[],
    ];

    /// <summary>What stands for a placeholder of a case; more than one where a thing can be named in several ways.</summary>
    /// <param name="door">The door's name.</param>
    /// <param name="before">The segment of the path before the placeholder; empty in a query, a header or a body.</param>
    /// <param name="name">The placeholder.</param>
    public IReadOnlyList<string> Values(string door, string before, string name) => (door, before, name) switch
    {
        ("native", "instances" or "", "instance") => [$"{Instances["postgresql"]:D}", NameOf("postgresql")],
        ("native", "resets", "id") => [$"{Reset:D}"],
        ("native", "credentials", "id") => [$"{Credential:D}"],
        ("native", "principals" or "members" or "", "principal") => [$"{Prefix}-principal"],
        ("native", "policies", "policy") => [$"{Prefix}-policy"],
        ("native", "groups", "group") => [$"{Prefix}-group"],
        ("native", "", "account-id") => [$"{Account:D}"],
        ("digitalocean", "databases", "uuid") => [$"{Instances["postgresql"]:D}"],
        ("upstash", _, "id") => [$"{Instances["redis"]:D}"],
        ("gaussdb", "instances" or "", "instance_id") => [HuaweiId.Format(Instances["mysql"], HuaweiId.GaussDb)],
        ("ddm", "instances" or "", "instance_id") => [HuaweiId.Format(Instances["mysql"], HuaweiId.Ddm)],
        ("dds", "instances" or "", "instance_id") => [HuaweiId.Format(Instances["mongodb"], HuaweiId.Dds)],
        ("gaussdb", "", "job") => [$"{GaussDbJob:D}"],
        ("ddm", "jobs", "job_id") => [HuaweiId.Format(DdmJob)],
        ("dds", "", "job") => [HuaweiId.Format(DdsJob), $"{DdsJob:D}"],
        ("gaussdb" or "ddm" or "dds", _, "project_id") => [HuaweiId.Format(Project)],
        ("iam", "projects", "id") => [HuaweiId.Format(Project)],
        ("iam", "domains", "id") or ("iam", "", "domain") => [Keystone.DomainId(Project)],
        ("iam", "", "session") => [Session],
        _ => throw new InvalidOperationException($"Nothing says what {{{name}}} behind {before} is at the door {door}: write it down here."),
    };

    private static IEnumerable<string> Forms(Guid id) => [$"{id:D}", $"{id:N}"];
}
