using Keyturn.Audit;

namespace Keyturn.Access;

/// <summary>Projects, principals, and what these show to be recognised. A change is seen by the next lookup, on every node.</summary>
public interface IPrincipalStore
{
    /// <summary>Adds a project; false if its name is taken.</summary>
    ValueTask<bool> AddProjectAsync(Project project, CancellationToken cancel);

    /// <summary>Adds a project, its first owner and that owner's first credential: all of it, or nothing. False if the project's name is taken, or the owner's e-mail address.</summary>
    ValueTask<bool> AddProjectAsync(Project project, Principal owner, PrincipalCredential credential, CredentialMaterial material, CancellationToken cancel);

    /// <summary>The project; null when there is none.</summary>
    ValueTask<Project?> FindProjectAsync(Guid projectId, CancellationToken cancel);

    /// <summary>The project of that name; null when there is none.</summary>
    ValueTask<Project?> FindProjectAsync(string name, CancellationToken cancel);

    /// <summary>Replaces name and region; false if the name is taken.</summary>
    ValueTask<bool> ChangeProjectAsync(Project project, AuditEntry audit, CancellationToken cancel);

    /// <summary>Adds a principal; false if its name is taken in the project, or its e-mail address in the store.</summary>
    ValueTask<bool> AddAsync(Principal principal, AuditEntry? audit, CancellationToken cancel);

    /// <summary>Replaces name and e-mail address; false if either is taken.</summary>
    ValueTask<bool> ChangeAsync(Principal principal, AuditEntry audit, CancellationToken cancel);

    /// <summary>Forgets a principal with all its credentials; false if there is none.</summary>
    ValueTask<bool> RemoveAsync(Guid principalId, AuditEntry audit, CancellationToken cancel);

    /// <summary>The principal of that name; null when the project has none.</summary>
    ValueTask<Principal?> FindAsync(Guid projectId, string name, CancellationToken cancel);

    /// <summary>The principal; null when there is none.</summary>
    ValueTask<Principal?> FindAsync(Guid principalId, CancellationToken cancel);

    /// <summary>The project's principals, by name.</summary>
    ValueTask<IReadOnlyList<Principal>> ListAsync(Guid projectId, CancellationToken cancel);

    /// <summary>Adds a credential. A <see cref="CredentialKind.Password"/> replaces the one before, and ends the principal's sessions.</summary>
    ValueTask AddCredentialAsync(PrincipalCredential credential, CredentialMaterial material, AuditEntry? audit, CancellationToken cancel);

    /// <summary>
    /// Adds a credential that is given out to whoever showed another one of the principal: a session for a password, a key pair for a session.
    /// False if that one has been revoked meanwhile: nothing outlives its revocation for having been asked for before.
    /// </summary>
    ValueTask<bool> AddCredentialAsync(PrincipalCredential credential, CredentialMaterial material, Guid shownId, AuditEntry audit, CancellationToken cancel);

    /// <summary>The principal's credentials, oldest first, expired ones too; sessions only when they still run.</summary>
    ValueTask<IReadOnlyList<PrincipalCredential>> ListCredentialsAsync(Guid principalId, CancellationToken cancel);

    /// <summary>Revokes a credential; a password takes the principal's sessions with it, and each of these and an access key the temporary pairs. False if there is none.</summary>
    ValueTask<bool> RevokeAsync(Guid principalId, Guid credentialId, AuditEntry audit, CancellationToken cancel);

    /// <summary>Forgets a credential whose time is over, and nothing with it. False if there is none.</summary>
    ValueTask<bool> RemoveEndedAsync(Guid principalId, Guid credentialId, AuditEntry audit, CancellationToken cancel);

    /// <summary>The token, e-mail key or session with this hash; null when there is none.</summary>
    ValueTask<KnownCredential?> FindByHashAsync(CredentialKind kind, ReadOnlyMemory<byte> hash, CancellationToken cancel);

    /// <summary>The key pair with this AK, its SK opened; null when there is none.</summary>
    ValueTask<KnownCredential?> FindAccessKeyAsync(string accessKey, CancellationToken cancel);

    /// <summary>The password of a principal; null when it has none.</summary>
    ValueTask<KnownCredential?> FindPasswordAsync(Guid principalId, CancellationToken cancel);

    /// <summary>Whether there is any principal yet.</summary>
    ValueTask<bool> IsEmptyAsync(CancellationToken cancel);
}
