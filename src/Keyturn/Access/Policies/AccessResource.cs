using Keyturn.Instances;

namespace Keyturn.Access.Policies;

/// <summary>What a request is about, as policies see it.</summary>
public sealed record AccessResource
{
    /// <summary>The attribute's value that means no project of an enterprise in particular.</summary>
    private const string DefaultEnterpriseProject = "0";

    /// <summary>Type in its URN: <c>instance</c>, <c>principal</c>, …</summary>
    public required string Type { get; init; }

    /// <summary>Region in its URN.</summary>
    public required string Region { get; init; }

    /// <summary>What its URN's account may be written as: the project's id with and without hyphens, and its name.</summary>
    public required IReadOnlyList<string> Accounts { get; init; }

    /// <summary>What its URN's path may be written as: an instance's id in each form that a dialect gives it, and its name. One empty text where there is nothing to name.</summary>
    public IReadOnlyList<string> Paths { get; init; } = [""];

    /// <summary>Name of the instance's engine; null where it is no instance, or none that exists.</summary>
    public string? Engine { get; init; }

    /// <summary>Its tags.</summary>
    public IReadOnlyDictionary<string, string> Tags { get; init; } = new Dictionary<string, string>();

    /// <summary>Its enterprise project; null where it has none to have.</summary>
    public string? EnterpriseProject { get; init; }

    /// <summary>
    /// Whether it is an instance that does not exist. What a policy makes depend on name, region, tags or enterprise project then counts against the caller: were
    /// it allowed more with such a one than with one that is kept from it, the difference would tell which there are.
    /// </summary>
    public bool IsMissing { get; init; }

    /// <summary>An instance.</summary>
    public static AccessResource Of(Instance instance, Project project) => new()
    {
        Type = "instance",
        Region = instance.Attributes.GetValueOrDefault(InstanceAttribute.Region) ?? project.Region,
        Accounts = AccountsOf(project),
        Paths = [.. IdsOf(instance.Id), instance.Name],
        Engine = instance.Engine,
        Tags = instance.Tags,
        EnterpriseProject = instance.Attributes.GetValueOrDefault(InstanceAttribute.EnterpriseProject) ?? DefaultEnterpriseProject,
    };

    /// <summary>An instance that a caller names by its id and that does not exist.</summary>
    public static AccessResource OfMissing(Guid instanceId, Project project) =>
        new() { Type = "instance", Region = project.Region, Accounts = AccountsOf(project), Paths = IdsOf(instanceId), IsMissing = true };

    /// <summary>What is the project's as a whole: registering, principals, the audit log.</summary>
    public static AccessResource Of(Project project, string action) =>
        new() { Type = action.Split(':').ElementAtOrDefault(1) ?? "", Region = project.Region, Accounts = AccountsOf(project) };

    private static IReadOnlyList<string> AccountsOf(Project project) => [project.Id.ToString("D"), project.Id.ToString("N"), project.Name];

    /// <summary>As the native API and DigitalOcean write ids, and as Huawei's services do, with the suffix of each.</summary>
    private static IReadOnlyList<string> IdsOf(Guid id) => [id.ToString("D"), id.ToString("N"), $"{id:N}in02", $"{id:N}in07", $"{id:N}in09"];
}
