using System.Security.Cryptography;
using System.Text;
using Keyturn.Access;
using Keyturn.Instances;
using Keyturn.Passwords;
using Keyturn.Server.Access;

namespace Keyturn.Server.Dialects.Upstash;

/// <summary>Redis and Valkey instances as Upstash shows databases: with the one account that a database has there.</summary>
internal sealed class UpstashDatabases(IInstanceStore instances, IPrincipalStore principals, UpstashRestToken tokens)
{
    private const int ShortIdLength = 8;

    /// <summary>The user that every Redis has.</summary>
    private static readonly AccountName DefaultUser = new("default");

    /// <summary>The kinds of offer: the words of 2023, and today's.</summary>
    private static readonly (string Old, string New)[] Types = [("Free", "free"), ("Pay as You Go", "payg"), ("Pro", "pro"), ("Enterprise", "paid")];

    /// <summary>The account whose password is the database's.</summary>
    public static AccountName AccountOf(Instance instance) => instance.MainAccount ?? DefaultUser;

    /// <summary>The caller's databases, by name.</summary>
    public async ValueTask<IReadOnlyList<Instance>> ListAsync(HttpContext http, CancellationToken cancel) =>
        [.. (await http.ListInstancesAsync(instances, cancel)).Where(IsOffered)];

    /// <summary>The database; null for an id that is none of the caller's, or is none at all.</summary>
    public async ValueTask<Instance?> FindAsync(HttpContext http, string id, CancellationToken cancel)
    {
        var found = Guid.TryParseExact(id, "D", out var uuid) ? await http.FindInstanceAsync(instances, uuid, cancel) : null;
        return found is { } instance && IsOffered(instance) ? instance : null;
    }

    /// <summary>A database as it goes over the wire, without credentials.</summary>
    public async ValueTask<UpstashDatabase> RenderAsync(HttpContext http, Instance instance, CancellationToken cancel)
    {
        var type = Types.FirstOrDefault(type => instance.Attributes.GetValueOrDefault(InstanceAttribute.Type) is { } named && (named == type.Old || named == type.New));
        return new UpstashDatabase
        {
            DatabaseId = instance.Id,
            ClusterId = ShortId(instance, "cluster"),
            DatabaseName = instance.Name,
            DatabaseType = type.Old ?? instance.Attributes.GetValueOrDefault(InstanceAttribute.Type) ?? "Self-hosted",
            Type = type.New,
            Region = instance.Attributes.GetValueOrDefault(InstanceAttribute.Region) ?? await RegionAsync(instance, cancel),
            Port = instance.Primary.Port,
            CreationTime = instance.CreatedAt.ToUnixTimeSeconds(),
            State = instance.Status is InstanceStatus.Frozen or InstanceStatus.Abnormal or InstanceStatus.StorageFull ? "suspended" : "active",
            ModifyingState = ModifyingState(instance.Status),
            UserEmail = instance.Attributes.GetValueOrDefault(InstanceAttribute.OwnerEmail) ?? http.Known().Principal.Email!,
            Endpoint = instance.Attributes.GetValueOrDefault(InstanceAttribute.Endpoint) ?? instance.Primary.Host,
            Tls = instance.Tls.Mode != TlsMode.Disable,
            // Replicas of Redis and Valkey follow their primary with a delay.
            Consistent = false,
            PoolId = ShortId(instance, "pool"),
        };
    }

    /// <summary>The same with its credentials, where there are any to be shown.</summary>
    /// <param name="database">Without.</param>
    /// <param name="instance">Which it is.</param>
    /// <param name="password">Null when it may not be shown, or is not known.</param>
    /// <param name="version">The password's, which the read-only token changes with.</param>
    public UpstashDatabase WithCredentials(UpstashDatabase database, Instance instance, Secret? password, int version) =>
        password is null ? database : database with
        {
            Password = password,
            RestToken = UpstashRestToken.Full(instance, password),
            ReadOnlyRestToken = tokens.ReadOnly(instance, version),
        };

    private static bool IsOffered(Instance instance) => instance.Engine is "redis" or "valkey";

    private async ValueTask<string> RegionAsync(Instance instance, CancellationToken cancel) =>
        (await principals.FindProjectAsync(instance.ProjectId, cancel))?.Region ?? "default";

    private static string? ModifyingState(InstanceStatus status) => status switch
    {
        InstanceStatus.Creating => "creating",
        InstanceStatus.Modifying => "modifying",
        InstanceStatus.Restarting => "restarting",
        InstanceStatus.Restoring => "restoring",
        _ => null,
    };

    /// <summary>Eight hexadecimal digits that stay the same. The first ones of the id would not do: they are its time.</summary>
    private static string ShortId(Instance instance, string of) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{of} {instance.Id}")))[..ShortIdLength];
}
