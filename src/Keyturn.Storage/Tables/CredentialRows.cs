using System.Data.Common;
using Keyturn.Access;
using Keyturn.Storage.Sealing;

namespace Keyturn.Storage.Tables;

/// <summary>A credential that was looked up, its SK still sealed.</summary>
internal sealed record SealedCredential(Principal Principal, PrincipalCredential Credential, byte[] Hash, SealedText? SecretKey, bool HasPolicies)
{
    public async ValueTask<KnownCredential> OpenAsync(KeyRing keys)
    {
        var secretKey = SecretKey is { } text ? await keys.OpenAsync(text, SealContext.SecretKey(Credential.Id)) : null;
        return new KnownCredential(Principal, Credential, new CredentialMaterial(Hash, secretKey)) { HasPolicies = HasPolicies };
    }
}

/// <summary>Rows of credentials.</summary>
internal static class CredentialRows
{
    /// <summary>So many ended sessions go when a new one comes: more than one, so that they become fewer.</summary>
    private const int SessionsPerSweep = 100;

    private const string Columns = "c.id, c.principal_id, c.kind, c.label, c.created_at, c.public_id, c.scopes, c.expires_at";

    /// <summary>See <see cref="PrincipalCredential.IsTemporary"/>.</summary>
    public const string IsTemporary = $"kind = 'AccessKey' AND substr(public_id, 1, 4) = '{PrincipalCredential.TemporaryPrefix}'";

    private const string Select =
        $"""
        SELECT {Columns}, c.hash, c.data_key_id, c.box, {PrincipalRows.Columns},
            EXISTS (SELECT 1 FROM principal_policies WHERE principal_id = p.id)
                OR EXISTS (SELECT 1 FROM group_members m JOIN group_policies g ON g.group_id = m.group_id WHERE m.principal_id = p.id)
        FROM credentials c JOIN principals p ON p.id = c.principal_id
        """;

    /// <summary>Names the index's condition: SQLite cannot see it in a parameter.</summary>
    public static ValueTask<SealedCredential?> FindByHashAsync(StoreSession session, CredentialKind kind, byte[] hash) => session.FirstAsync(
        $"{Select} WHERE c.kind = $kind AND c.hash = $hash AND c.kind <> 'Password'", ReadKnown, ("$kind", kind), ("$hash", hash));

    public static ValueTask<SealedCredential?> FindAccessKeyAsync(StoreSession session, string accessKey) =>
        session.FirstAsync($"{Select} WHERE c.kind = 'AccessKey' AND c.public_id = $accessKey", ReadKnown, ("$accessKey", accessKey));

    public static ValueTask<SealedCredential?> FindPasswordAsync(StoreSession session, Guid principalId) =>
        session.FirstAsync($"{Select} WHERE c.kind = 'Password' AND c.principal_id = $principal", ReadKnown, ("$principal", principalId));

    public static async ValueTask<CredentialKind?> FindKindAsync(StoreSession session, Guid principalId, Guid credentialId) => (await session.FirstAsync(
        $"SELECT {Columns} FROM credentials c WHERE c.id = $id AND c.principal_id = $principal", row => Read(row), ("$id", credentialId), ("$principal", principalId)))?.Kind;

    public static ValueTask<List<PrincipalCredential>> ListAsync(StoreSession session, Guid principalId, DateTimeOffset now) => session.QueryAsync(
        $"""
        SELECT {Columns} FROM credentials c
        WHERE c.principal_id = $principal AND (c.kind <> 'Session' OR c.expires_at IS NULL OR c.expires_at > $now)
        ORDER BY c.created_at, c.id
        """,
        Read,
        ("$principal", principalId), ("$now", now));

    public static async ValueTask<bool> InsertAsync(StoreSession session, KeyRing keys, PrincipalCredential credential, CredentialMaterial material)
    {
        SealedText? secretKey = material.SecretKey is { } secret ? keys.Close(secret, SealContext.SecretKey(credential.Id)) : null;
        return await session.ExecuteAsync(
            """
            INSERT INTO credentials (id, principal_id, kind, label, created_at, public_id, scopes, expires_at, hash, data_key_id, box)
            VALUES ($id, $principal, $kind, $label, $createdAt, $publicId, $scopes, $expiresAt, $hash, $dataKey, $box)
            """,
            ("$id", credential.Id),
            ("$principal", credential.PrincipalId),
            ("$kind", credential.Kind),
            ("$label", credential.Label),
            ("$createdAt", credential.CreatedAt),
            ("$publicId", credential.PublicId),
            ("$scopes", ScopesColumn.Write(credential.Scopes)),
            ("$expiresAt", credential.ExpiresAt),
            ("$hash", secretKey is null ? material.Hash.ToArray() : null),
            ("$dataKey", secretKey?.DataKeyId),
            ("$box", secretKey?.Box)) == 1;
    }

    public static ValueTask DeleteAsync(StoreSession session, Guid credentialId) =>
        session.RunAsync("DELETE FROM credentials WHERE id = $id", ("$id", credentialId));

    /// <summary>A session or key pair, and the temporary pairs of its principal: which of them were made with it is not known.</summary>
    public static ValueTask DeleteWithTemporaryPairsAsync(StoreSession session, Guid principalId, Guid credentialId) => session.RunAsync(
        $"DELETE FROM credentials WHERE principal_id = $principal AND (id = $id OR ({IsTemporary}))", ("$principal", principalId), ("$id", credentialId));

    /// <summary>The password with the sessions that it gave out, and the temporary pairs of those: whoever knew it has none of them afterwards.</summary>
    public static ValueTask DeletePasswordAsync(StoreSession session, Guid principalId) => session.RunAsync(
        $"DELETE FROM credentials WHERE principal_id = $principal AND (kind IN ('Password', 'Session') OR ({IsTemporary}))", ("$principal", principalId));

    public static ValueTask DeleteSessionsThatEndedBeforeAsync(StoreSession session, Guid principalId, DateTimeOffset time) => session.RunAsync(
        """
        DELETE FROM credentials WHERE id IN
            (SELECT id FROM credentials WHERE kind = 'Session' AND principal_id = $principal AND expires_at < $time LIMIT $limit)
        """,
        ("$principal", principalId), ("$time", time), ("$limit", SessionsPerSweep));

    private static PrincipalCredential Read(DbDataReader row) => new(row.Id(0), row.Id(1), row.Member<CredentialKind>(2), row.GetString(3), row.Time(4))
    {
        PublicId = row.OptionalText(5),
        Scopes = ScopesColumn.Read(row.GetString(6)),
        ExpiresAt = row.OptionalTime(7),
    };

    private static SealedCredential ReadKnown(DbDataReader row) => new(
        PrincipalRows.Read(row, first: 11),
        Read(row),
        row.IsDBNull(8) ? [] : row.Bytes(8),
        row.IsDBNull(9) ? null : new SealedText(row.GetInt64(9), row.Bytes(10)),
        row.Flag(17));
}
