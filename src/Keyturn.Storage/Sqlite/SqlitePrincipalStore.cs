using Keyturn.Access;
using Keyturn.Audit;
using Keyturn.Storage.Sealing;

namespace Keyturn.Storage.Sqlite;

/// <summary>Projects, principals and their credentials. Nothing is kept between two lookups, so that a revoked credential is refused at once.</summary>
internal sealed class SqlitePrincipalStore(SqliteWriter writer, SqliteReaders readers, KeyRing keys, TimeProvider clock) : IPrincipalStore
{
    /// <summary>So long an ended session can still be told from one that never was.</summary>
    private static readonly TimeSpan EndedSessionsAreKept = TimeSpan.FromDays(1);

    public ValueTask<bool> AddProjectAsync(Project project, CancellationToken cancel) =>
        WriteAsync(Durability.Synced, audit: null, session => !ProjectRows.IsNameTaken(session, project) && ProjectRows.Insert(session, project), cancel);

    public ValueTask<Project?> FindProjectAsync(Guid projectId, CancellationToken cancel) =>
        readers.ReadAsync(session => ProjectRows.Find(session, projectId), cancel);

    public ValueTask<Project?> FindProjectAsync(string name, CancellationToken cancel) =>
        readers.ReadAsync(session => ProjectRows.Find(session, name), cancel);

    public ValueTask<bool> ChangeProjectAsync(Project project, AuditEntry audit, CancellationToken cancel) =>
        WriteAsync(Durability.Synced, audit, session => !ProjectRows.IsNameTaken(session, project) && ProjectRows.Replace(session, project), cancel);

    public ValueTask<bool> AddAsync(Principal principal, AuditEntry? audit, CancellationToken cancel) =>
        WriteAsync(Durability.Synced, audit, session => !PrincipalRows.IsTaken(session, principal) && PrincipalRows.Insert(session, principal), cancel);

    public ValueTask<bool> ChangeAsync(Principal principal, AuditEntry audit, CancellationToken cancel) =>
        WriteAsync(Durability.Synced, audit, session => !PrincipalRows.IsTaken(session, principal) && PrincipalRows.Replace(session, principal), cancel);

    public ValueTask<bool> RemoveAsync(Guid principalId, AuditEntry audit, CancellationToken cancel) =>
        WriteAsync(Durability.Synced, audit, session => PrincipalRows.Delete(session, principalId), cancel);

    public ValueTask<Principal?> FindAsync(Guid projectId, string name, CancellationToken cancel) =>
        readers.ReadAsync(session => PrincipalRows.Find(session, projectId, name), cancel);

    public ValueTask<Principal?> FindAsync(Guid principalId, CancellationToken cancel) =>
        readers.ReadAsync(session => PrincipalRows.Find(session, principalId), cancel);

    public async ValueTask<IReadOnlyList<Principal>> ListAsync(Guid projectId, CancellationToken cancel) =>
        await readers.ReadAsync(session => PrincipalRows.List(session, projectId), cancel);

    public async ValueTask AddCredentialAsync(PrincipalCredential credential, CredentialMaterial material, AuditEntry? audit, CancellationToken cancel)
    {
        await WriteAsync(DurabilityOf(credential), audit, session => Add(session, credential, material), cancel);
    }

    public ValueTask<bool> AddCredentialAsync(PrincipalCredential credential, CredentialMaterial material, Guid shownId, AuditEntry audit, CancellationToken cancel) => WriteAsync(
        DurabilityOf(credential),
        audit,
        session => CredentialRows.FindKind(session, credential.PrincipalId, shownId) is not null && Add(session, credential, material),
        cancel);

    public async ValueTask<IReadOnlyList<PrincipalCredential>> ListCredentialsAsync(Guid principalId, CancellationToken cancel)
    {
        var now = clock.GetUtcNow();
        return await readers.ReadAsync(session => CredentialRows.List(session, principalId, now), cancel);
    }

    public ValueTask<bool> RevokeAsync(Guid principalId, Guid credentialId, AuditEntry audit, CancellationToken cancel) =>
        WriteAsync(Durability.Synced, audit, session => Revoke(session, principalId, credentialId), cancel);

    public async ValueTask<KnownCredential?> FindByHashAsync(CredentialKind kind, ReadOnlyMemory<byte> hash, CancellationToken cancel)
    {
        var bytes = hash.ToArray();
        return (await readers.ReadAsync(session => CredentialRows.FindByHash(session, kind, bytes), cancel))?.Open(keys);
    }

    public async ValueTask<KnownCredential?> FindAccessKeyAsync(string accessKey, CancellationToken cancel) =>
        (await readers.ReadAsync(session => CredentialRows.FindAccessKey(session, accessKey), cancel))?.Open(keys);

    public async ValueTask<KnownCredential?> FindPasswordAsync(Guid principalId, CancellationToken cancel) =>
        (await readers.ReadAsync(session => CredentialRows.FindPassword(session, principalId), cancel))?.Open(keys);

    public ValueTask<bool> IsEmptyAsync(CancellationToken cancel) =>
        readers.ReadAsync(session => !session.Any("SELECT 1 FROM principals LIMIT 1"), cancel);

    /// <summary>A session that a power cut takes away costs a sign-in.</summary>
    private static Durability DurabilityOf(PrincipalCredential credential) => credential.Kind == CredentialKind.Session ? Durability.Committed : Durability.Synced;

    private static bool Revoke(SqliteSession session, Guid principalId, Guid credentialId)
    {
        switch (CredentialRows.FindKind(session, principalId, credentialId))
        {
            case null:
                return false;
            case CredentialKind.Password:
                CredentialRows.DeletePassword(session, principalId);
                return true;
            default:
                CredentialRows.Delete(session, credentialId);
                return true;
        }
    }

    private bool Add(SqliteSession session, PrincipalCredential credential, CredentialMaterial material)
    {
        if (credential.Kind == CredentialKind.Password)
        {
            CredentialRows.DeletePassword(session, credential.PrincipalId);
        }
        else if (credential.Kind == CredentialKind.Session)
        {
            CredentialRows.DeleteSessionsThatEndedBefore(session, credential.PrincipalId, clock.GetUtcNow() - EndedSessionsAreKept);
        }

        return CredentialRows.Insert(session, keys, credential, material);
    }

    /// <summary>The audit row is written with what it tells about, and not when nothing was changed.</summary>
    private async ValueTask<bool> WriteAsync(Durability durability, AuditEntry? audit, Func<SqliteSession, bool> write, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        return await writer.WriteAsync(durability, session =>
        {
            var isChanged = write(session);
            if (isChanged && audit is not null)
            {
                AuditRows.Append(session, audit, clock.GetUtcNow());
            }

            return isChanged;
        });
    }
}
