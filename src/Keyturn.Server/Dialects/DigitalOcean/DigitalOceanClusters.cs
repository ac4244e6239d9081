using System.Globalization;
using Keyturn.Access;
using Keyturn.Access.Policies;
using Keyturn.Instances;
using Keyturn.Passwords;

namespace Keyturn.Server.Dialects.DigitalOcean;

/// <summary>Instances as DigitalOcean shows clusters.</summary>
internal sealed class DigitalOceanClusters(SecretReader secrets, IPrincipalStore principals)
{
    /// <summary>A cluster, and how to connect to it as its primary user: without user and password for who may not see passwords.</summary>
    public async ValueTask<Database> ShowAsync(Caller caller, Instance instance, CancellationToken cancel)
    {
        var connection = await ConnectAsync(caller, instance, cancel);
        var version = instance.ServerVersionNumber;
        return new Database
        {
            Id = instance.Id,
            Name = instance.Name,
            Engine = DigitalOceanEngines.Slug(instance),
            Version = version.Split('.')[0],
            SemanticVersion = version,
            NumNodes = instance.Nodes.Count,
            Size = instance.Attributes.GetValueOrDefault(InstanceAttribute.Size) ?? "self-hosted",
            Region = instance.Attributes.GetValueOrDefault(InstanceAttribute.Region) ?? await RegionAsync(instance, cancel),
            Status = Status(instance.Status),
            CreatedAt = instance.CreatedAt,
            ProjectId = instance.ProjectId,
            Tags = [.. Tags(instance)],
            StorageSizeMib = StorageSizeMib(instance),
            Connection = connection,
            PrivateConnection = connection,
        };
    }

    /// <summary>Their tags are plain words with colons allowed; ours have values.</summary>
    public static IEnumerable<string> Tags(Instance instance) =>
        instance.Tags.Select(tag => tag.Value.Length == 0 ? tag.Key : $"{tag.Key}:{tag.Value}").Order(StringComparer.Ordinal);

    private async ValueTask<Connection> ConnectAsync(Caller caller, Instance instance, CancellationToken cancel)
    {
        var mayReveal = caller.May(new RequestedAction(KeyturnAction.RevealAccount), instance);

        // Where nobody named a main account, the only primary user is Keyturn's own login: its password is not for every list.
        var secret = mayReveal && instance.MainAccount is { } name ? await secrets.FindAsync(caller, instance, name, cancel) : null;
        var connection = new Connection
        {
            Protocol = DigitalOceanEngines.Protocol(instance),
            Database = instance.Attributes.GetValueOrDefault(InstanceAttribute.Database),
            Host = instance.Attributes.GetValueOrDefault(InstanceAttribute.Endpoint) ?? instance.Primary.Host,
            Port = instance.Primary.Port,
            User = mayReveal ? (instance.MainAccount ?? instance.Admin).User : null,
            Password = secret?.Password,
            Ssl = instance.Tls.Mode != TlsMode.Disable,
        };
        return connection with { Uri = DigitalOceanEngines.ConnectionString(instance, connection) };
    }

    private async ValueTask<string> RegionAsync(Instance instance, CancellationToken cancel) =>
        (await principals.FindProjectAsync(instance.ProjectId, cancel))?.Region ?? "self-hosted";

    /// <summary>Their list has nothing for frozen, broken and restarting clusters, which are online there; a reset says what stands in its way.</summary>
    private static string Status(InstanceStatus status) => status switch
    {
        InstanceStatus.Creating => "creating",
        InstanceStatus.Modifying => "resizing",
        InstanceStatus.Restoring => "forking",
        _ => "online",
    };

    private static ulong? StorageSizeMib(Instance instance) =>
        uint.TryParse(instance.Attributes.GetValueOrDefault(InstanceAttribute.StorageGib), NumberStyles.None, CultureInfo.InvariantCulture, out var gib) ? gib * 1024UL : null;
}
