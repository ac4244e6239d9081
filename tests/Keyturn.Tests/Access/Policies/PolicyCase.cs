using Keyturn.Access;
using Keyturn.Access.Policies;
using Keyturn.Instances;

namespace Keyturn.Tests.Access.Policies;

/// <summary>A principal, its project and two instances, for policies to decide about.</summary>
internal static class PolicyCase
{
    public static readonly Project Project = new(Guid.Parse("0198aaaa-0000-7000-8000-000000000001"), "acme", "eu-de", DateTimeOffset.UnixEpoch);
    public static readonly Principal Ci = new(Guid.Parse("0198aaaa-0000-7000-8000-000000000002"), Project.Id, "ci", DateTimeOffset.UnixEpoch);
    public static readonly DateTimeOffset Noon = new(2026, 11, 21, 12, 0, 0, TimeSpan.Zero);

    /// <summary>MySQL, of an enterprise project, tagged <c>stage=test</c>.</summary>
    public static readonly Instance Orders = New("orders", "mysql", "0198bbbb-0000-7000-8000-000000000001") with
    {
        Tags = new Dictionary<string, string> { ["stage"] = "test" },
        Attributes = new Dictionary<string, string> { [InstanceAttribute.EnterpriseProject] = "0b8a5e6e", [InstanceAttribute.Region] = "eu-nl" },
    };

    /// <summary>MongoDB, without tags.</summary>
    public static readonly Instance Events = New("events", "mongodb", "0198bbbb-0000-7000-8000-000000000002");

    /// <summary>A policy of these statements.</summary>
    public static NamedPolicy Of(string statements, string version = "5.0")
    {
        var reading = PolicyReader.Read($$"""{"Version":"{{version}}","Statement":[{{statements}}]}""");
        reading.Violations.ShouldBeEmpty();
        return new NamedPolicy("p", reading.Document!);
    }

    public static AccessRequest Request(RequestedAction action, Instance? instance, string source = "10.1.2.3") => new(
        action, instance is null ? AccessResource.Of(Project, action.Name) : AccessResource.Of(instance, Project), Ci, Project, source, Noon);

    private static Instance New(string name, string engine, string id) => new()
    {
        Id = Guid.Parse(id),
        ProjectId = Project.Id,
        Name = name,
        Engine = engine,
        Nodes = [new Node("db.example", 3306)],
        Tls = new TlsSettings(),
        Admin = new AccountName("admin"),
        ServerIdentity = id,
        ServerVersion = "1",
        CreatedAt = DateTimeOffset.UnixEpoch,
    };
}
