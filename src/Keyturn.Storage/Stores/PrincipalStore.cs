using Keyturn.Access;
using Keyturn.Audit;
using Keyturn.Storage.Sealing;
using Keyturn.Storage.Tables;

namespace Keyturn.Storage.Stores;

/// <summary>Projects, principals and their credentials. Nothing is kept between two lookups, so that a revoked credential is refused at once.</summary>
internal sealed class PrincipalStore(IStoreDatabase database, KeyRing keys) : IPrincipalStore
{
    /// <summary>So long an ended session can still be told from one that never was.</summary>
    private static readonly TimeSpan EndedSessionsAreKept = TimeSpan.FromDays(1);

    public ValueTask<bool> AddProjectAsync(Project project, CancellationToken cancel) =>
        WriteAsync(Durability.Synced, audit: null, async session => !await ProjectRows.IsNameTakenAsync(session, project) && await ProjectRows.InsertAsync(session, project), cancel);

    public ValueTask<bool> AddProjectAsync(Project project, Principal owner, PrincipalCredential credential, CredentialMaterial material, CancellationToken cancel) => WriteAsync(
        Durability.Synced,
        new AuditEntry { Caller = Caller.Keyturn(project.Id), Action = "project.add", Outcome = "done", Detail = $"{project.Name}, with its owner {owner.Name}" },
        async session => !await ProjectRows.IsNameTakenAsync(session, project) && !await PrincipalRows.IsTakenAsync(session, owner)
            && await ProjectRows.InsertAsync(session, project) && await PrincipalRows.InsertAsync(session, owner) && await AddAsync(session, credential, material),
        cancel);

    public ValueTask<Project?> FindProjectAsync(Guid projectId, CancellationToken cancel) =>
        database.ReadAsync(session => ProjectRows.FindAsync(session, projectId), cancel);

    public ValueTask<Project?> FindProjectAsync(string name, CancellationToken cancel) =>
        database.ReadAsync(session => ProjectRows.FindAsync(session, name), cancel);

    public ValueTask<bool> ChangeProjectAsync(Project project, AuditEntry audit, CancellationToken cancel) =>
        WriteAsync(Durability.Synced, audit, async session => !await ProjectRows.IsNameTakenAsync(session, project) && await ProjectRows.ReplaceAsync(session, project), cancel);

    public ValueTask<bool> AddAsync(Principal principal, AuditEntry? audit, CancellationToken cancel) =>
        WriteAsync(Durability.Synced, audit, async session => !await PrincipalRows.IsTakenAsync(session, principal) && await PrincipalRows.InsertAsync(session, principal), cancel);

    public ValueTask<bool> ChangeAsync(Principal principal, AuditEntry audit, CancellationToken cancel) =>
        WriteAsync(Durability.Synced, audit, async session => !await PrincipalRows.IsTakenAsync(session, principal) && await PrincipalRows.ReplaceAsync(session, principal), cancel);

    public ValueTask<bool> RemoveAsync(Guid principalId, AuditEntry audit, CancellationToken cancel) =>
        WriteAsync(Durability.Synced, audit, session => PrincipalRows.DeleteAsync(session, principalId), cancel);

    public ValueTask<Principal?> FindAsync(Guid projectId, string name, CancellationToken cancel) =>
        database.ReadAsync(session => PrincipalRows.FindAsync(session, projectId, name), cancel);

    public ValueTask<Principal?> FindAsync(Guid principalId, CancellationToken cancel) =>
        database.ReadAsync(session => PrincipalRows.FindAsync(session, principalId), cancel);

    public async ValueTask<IReadOnlyList<Principal>> ListAsync(Guid projectId, CancellationToken cancel) =>
        await database.ReadAsync(session => PrincipalRows.ListAsync(session, projectId), cancel);

    public async ValueTask AddCredentialAsync(PrincipalCredential credential, CredentialMaterial material, AuditEntry? audit, CancellationToken cancel)
    {
        await WriteAsync(DurabilityOf(credential), audit, session => AddAsync(session, credential, material), cancel);
    }

    public ValueTask<bool> AddCredentialAsync(PrincipalCredential credential, CredentialMaterial material, Guid shownId, AuditEntry audit, CancellationToken cancel) => WriteAsync(
        DurabilityOf(credential),
        audit,
        async session => await CredentialRows.FindKindAsync(session, credential.PrincipalId, shownId) is not null && await AddAsync(session, credential, material),
        cancel);

    public async ValueTask<IReadOnlyList<PrincipalCredential>> ListCredentialsAsync(Guid principalId, CancellationToken cancel) =>
        await database.ReadAsync(async session => await CredentialRows.ListAsync(session, principalId, await session.NowAsync()), cancel);

    public ValueTask<bool> RevokeAsync(Guid principalId, Guid credentialId, AuditEntry audit, CancellationToken cancel) =>
        WriteAsync(Durability.Synced, audit, session => RevokeAsync(session, principalId, credentialId), cancel);

    public ValueTask<bool> RemoveEndedAsync(Guid principalId, Guid credentialId, AuditEntry audit, CancellationToken cancel) => WriteAsync(
        Durability.Synced,
        audit,
        async session =>
        {
            var isThere = await CredentialRows.FindKindAsync(session, principalId, credentialId) is not null;
            await CredentialRows.DeleteAsync(session, credentialId);
            return isThere;
        },
        cancel);

    public async ValueTask<KnownCredential?> FindByHashAsync(CredentialKind kind, ReadOnlyMemory<byte> hash, CancellationToken cancel)
    {
        var bytes = hash.ToArray();
        return await OpenAsync(await database.ReadAsync(session => CredentialRows.FindByHashAsync(session, kind, bytes), cancel));
    }

    public async ValueTask<KnownCredential?> FindAccessKeyAsync(string accessKey, CancellationToken cancel) =>
        await OpenAsync(await database.ReadAsync(session => CredentialRows.FindAccessKeyAsync(session, accessKey), cancel));

    public async ValueTask<KnownCredential?> FindPasswordAsync(Guid principalId, CancellationToken cancel) =>
        await OpenAsync(await database.ReadAsync(session => CredentialRows.FindPasswordAsync(session, principalId), cancel));

    public ValueTask<bool> IsEmptyAsync(CancellationToken cancel) =>
        database.ReadAsync(async session => !await session.AnyAsync("SELECT 1 FROM principals LIMIT 1"), cancel);

    /// <summary>A session that a power cut takes away costs a sign-in.</summary>
    private static Durability DurabilityOf(PrincipalCredential credential) => credential.Kind == CredentialKind.Session ? Durability.Committed : Durability.Synced;

    private static async ValueTask<bool> RevokeAsync(StoreSession session, Guid principalId, Guid credentialId)
    {
        switch (await CredentialRows.FindKindAsync(session, principalId, credentialId))
        {
            case null:
                return false;
            case CredentialKind.Password:
                await CredentialRows.DeletePasswordAsync(session, principalId);
                return true;
            case CredentialKind.Session or CredentialKind.AccessKey:
                await CredentialRows.DeleteWithTemporaryPairsAsync(session, principalId, credentialId);
                return true;
            default:
                await CredentialRows.DeleteAsync(session, credentialId);
                return true;
        }
    }

    private async ValueTask<KnownCredential?> OpenAsync(SealedCredential? credential) => credential is null ? null : await credential.OpenAsync(keys);

    private async ValueTask<bool> AddAsync(StoreSession session, PrincipalCredential credential, CredentialMaterial material)
    {
        if (credential.Kind == CredentialKind.Password)
        {
            await CredentialRows.DeletePasswordAsync(session, credential.PrincipalId);
        }
        else if (credential.Kind == CredentialKind.Session)
        {
            await CredentialRows.DeleteSessionsThatEndedBeforeAsync(session, credential.PrincipalId, await session.NowAsync() - EndedSessionsAreKept);
        }

        return await CredentialRows.InsertAsync(session, keys, credential, material);
    }

    /// <summary>The audit row is written with what it tells about, and not when nothing was changed.</summary>
    private async ValueTask<bool> WriteAsync(Durability durability, AuditEntry? audit, Func<StoreSession, ValueTask<bool>> write, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        return await database.WriteAsync(durability, async session =>
        {
            var isChanged = await write(session);
            if (isChanged && audit is not null)
            {
                await AuditRows.AppendAsync(session, audit, await session.NowAsync());
            }

            return isChanged;
        });
    }
}
