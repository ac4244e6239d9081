using System.Data.Common;
using Keyturn.Instances;
using Keyturn.Storage.Sealing;

namespace Keyturn.Storage.Tables;

/// <summary>An instance with its TLS client key still sealed.</summary>
internal sealed record SealedInstance(Instance Instance, SealedText? ClientKey)
{
    public async ValueTask<Instance> OpenAsync(KeyRing keys) => ClientKey is { } text
        ? Instance with { Tls = Instance.Tls with { ClientKeyPem = await keys.OpenAsync(text, SealContext.ClientKey(Instance.Id, Instance.Revision)) } }
        : Instance;
}

/// <summary>Rows of instances.</summary>
internal static class InstanceRows
{
    private const string Select =
        "SELECT id, project_id, name, engine, server_identity, is_clone, revision, created_at, settings, client_data_key_id, client_key FROM instances";

    public static ValueTask<SealedInstance?> FindAsync(StoreSession session, Guid instanceId) => session.FirstAsync($"{Select} WHERE id = $id", Read, ("$id", instanceId));

    /// <summary>Of another project's nothing is read: that would take longer than to find none.</summary>
    public static ValueTask<SealedInstance?> FindAsync(StoreSession session, Guid projectId, Guid instanceId) =>
        session.FirstAsync($"{Select} WHERE id = $id AND project_id = $project", Read, ("$id", instanceId), ("$project", projectId));

    public static ValueTask<SealedInstance?> FindByNameAsync(StoreSession session, Guid projectId, string name) =>
        session.FirstAsync($"{Select} WHERE project_id = $project AND name = $name", Read, ("$project", projectId), ("$name", name));

    public static ValueTask<List<SealedInstance>> ListAsync(StoreSession session, Guid projectId) =>
        session.QueryAsync($"{Select} WHERE project_id = $project ORDER BY name", Read, ("$project", projectId));

    /// <summary>Those with nodes that join: seldom one. Looks through all instances, of which there are not many.</summary>
    public static ValueTask<List<SealedInstance>> ListJoiningAsync(StoreSession session) =>
        session.QueryAsync($$"""{{Select}} WHERE settings LIKE '%"joining":[%' ORDER BY created_at""", Read);

    /// <summary>Writes which nodes join, which is no change of the registration.</summary>
    public static ValueTask SetJoiningAsync(StoreSession session, Instance instance) =>
        session.RunAsync("UPDATE instances SET settings = $settings WHERE id = $id", ("$id", instance.Id), ("$settings", InstanceSettings.Write(instance)));

    /// <summary>Whether the registration is still that one.</summary>
    public static ValueTask<bool> IsAtAsync(StoreSession session, Guid instanceId, int revision) =>
        session.AnyAsync("SELECT 1 FROM instances WHERE id = $id AND revision = $revision", ("$id", instanceId), ("$revision", revision));

    /// <summary>What of another instance the registration collides with; null when there is nothing.</summary>
    public static async ValueTask<RegistrationResult?> FindCollisionAsync(StoreSession session, Instance instance)
    {
        if (await FindByNameAsync(session, instance.ProjectId, instance.Name) is { } named && named.Instance.Id != instance.Id)
        {
            return new RegistrationResult(RegistrationConflict.NameTaken, named.Instance.Name);
        }

        return !instance.IsClone && await FindByServerAsync(session, instance) is { } other
            ? new RegistrationResult(RegistrationConflict.ServerTaken, other.Project == instance.ProjectId ? other.Name : null)
            : null;
    }

    public static async ValueTask InsertAsync(StoreSession session, KeyRing keys, Instance instance)
    {
        var clientKey = Close(keys, instance);
        await session.RunAsync(
            """
            INSERT INTO instances (id, project_id, name, engine, server_identity, is_clone, revision, created_at, settings, client_data_key_id, client_key)
            VALUES ($id, $project, $name, $engine, $identity, $isClone, $revision, $createdAt, $settings, $dataKey, $clientKey)
            """,
            ("$id", instance.Id),
            ("$project", instance.ProjectId),
            ("$name", instance.Name),
            ("$engine", instance.Engine),
            ("$identity", instance.ServerIdentity),
            ("$isClone", instance.IsClone),
            ("$revision", instance.Revision),
            ("$createdAt", instance.CreatedAt),
            ("$settings", InstanceSettings.Write(instance)),
            ("$dataKey", clientKey?.DataKeyId),
            ("$clientKey", clientKey?.Box));
    }

    /// <summary>False if the stored revision is not the one before the instance's.</summary>
    public static async ValueTask<bool> ReplaceAsync(StoreSession session, KeyRing keys, Instance instance)
    {
        var clientKey = Close(keys, instance);
        return await session.ExecuteAsync(
            """
            UPDATE instances
            SET name = $name, engine = $engine, server_identity = $identity, is_clone = $isClone, revision = $revision, settings = $settings,
                client_data_key_id = $dataKey, client_key = $clientKey
            WHERE id = $id AND project_id = $project AND revision = $revision - 1
            """,
            ("$id", instance.Id),
            ("$project", instance.ProjectId),
            ("$name", instance.Name),
            ("$engine", instance.Engine),
            ("$identity", instance.ServerIdentity),
            ("$isClone", instance.IsClone),
            ("$revision", instance.Revision),
            ("$settings", InstanceSettings.Write(instance)),
            ("$dataKey", clientKey?.DataKeyId),
            ("$clientKey", clientKey?.Box)) == 1;
    }

    /// <summary>Its accounts, their secrets and resets go with it. False if there is none.</summary>
    public static async ValueTask<bool> DeleteAsync(StoreSession session, Guid instanceId) =>
        await session.ExecuteAsync("DELETE FROM instances WHERE id = $id", ("$id", instanceId)) == 1;

    /// <summary>
    /// Another instance that has one of the instance's servers: the identity of several nodes is that of each, with spaces between. Reads all
    /// instances, of which there are not many, and only when one is registered.
    /// </summary>
    private static async ValueTask<(string Name, Guid Project)?> FindByServerAsync(StoreSession session, Instance instance)
    {
        var servers = instance.ServerIdentity.Split(' ').ToHashSet();
        var others = await session.QueryAsync(
            "SELECT name, project_id, server_identity FROM instances WHERE NOT is_clone AND id <> $id ORDER BY created_at",
            row => (Name: row.GetString(0), Project: row.Id(1), Servers: row.GetString(2).Split(' ')),
            ("$id", instance.Id));
        return others.Where(other => servers.Overlaps(other.Servers)).Select(other => ((string, Guid)?)(other.Name, other.Project)).FirstOrDefault();
    }

    private static SealedText? Close(KeyRing keys, Instance instance) =>
        instance.Tls.ClientKeyPem is { } key ? keys.Close(key, SealContext.ClientKey(instance.Id, instance.Revision)) : null;

    private static SealedInstance Read(DbDataReader row)
    {
        var settings = InstanceSettings.Read(row.GetString(8));
        var instance = new Instance
        {
            Id = row.Id(0),
            ProjectId = row.Id(1),
            Name = row.GetString(2),
            Engine = row.GetString(3),
            ServerIdentity = row.GetString(4),
            IsClone = row.Flag(5),
            Revision = row.GetInt32(6),
            CreatedAt = row.Time(7),
            Nodes = settings.Nodes,
            Tls = new TlsSettings
            {
                Mode = settings.Tls.Mode,
                CaPem = settings.Tls.CaPem,
                ServerName = settings.Tls.ServerName,
                ClientCertificatePem = settings.Tls.ClientCertificatePem,
            },
            Admin = settings.Admin,
            MainAccount = settings.MainAccount,
            Send = settings.Send,
            Status = settings.Status,
            PasswordPolicy = settings.PasswordPolicy,
            StatementLimit = TimeSpan.FromMilliseconds(settings.StatementLimitMilliseconds),
            Tags = settings.Tags,
            Attributes = settings.Attributes ?? new Dictionary<string, string>(),
            ServerVersion = settings.ServerVersion,
            Joining = settings.Joining ?? [],
        };
        return new SealedInstance(instance, row.IsDBNull(9) ? null : new SealedText(row.GetInt64(9), row.Bytes(10)));
    }
}
