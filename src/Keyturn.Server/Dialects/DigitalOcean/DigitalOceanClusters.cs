using Keyturn.Instances;

namespace Keyturn.Server.Dialects.DigitalOcean;

/// <summary>Instances as DigitalOcean shows clusters.</summary>
internal static class DigitalOceanClusters
{
    public static Database Render(Instance instance)
    {
        var connection = new Connection(
            DigitalOceanEngines.Slug(instance), instance.Primary.Host, instance.Primary.Port, instance.Admin.User, instance.Tls.Mode != TlsMode.Disable);
        var version = new string([.. instance.ServerVersion.TakeWhile(c => char.IsAsciiDigit(c) || c == '.')]);
        return new Database
        {
            Id = instance.Id,
            Name = instance.Name,
            Engine = DigitalOceanEngines.Slug(instance),
            Version = version.Split('.')[0],
            SemanticVersion = version,
            NumNodes = instance.Nodes.Count,
            Size = "self-hosted",
            Region = "self-hosted",
            // Their list of states has none for "frozen"; a reset says it.
            Status = "online",
            CreatedAt = instance.CreatedAt,
            ProjectId = instance.ProjectId,
            Tags = [.. Tags(instance)],
            Connection = connection,
            PrivateConnection = connection,
        };
    }

    /// <summary>Their tags are plain words with colons allowed; ours have values.</summary>
    public static IEnumerable<string> Tags(Instance instance) =>
        instance.Tags.Select(tag => tag.Value.Length == 0 ? tag.Key : $"{tag.Key}:{tag.Value}").Order(StringComparer.Ordinal);
}
