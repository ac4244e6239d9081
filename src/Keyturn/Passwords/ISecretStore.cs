using Keyturn.Audit;
using Keyturn.Instances;

namespace Keyturn.Passwords;

/// <summary>What a version of a secret is now.</summary>
public enum SecretState
{
    /// <summary>An open reset is making it the password.</summary>
    Pending,

    /// <summary>The password, proved when it became so.</summary>
    Current,

    /// <summary>Was current once.</summary>
    Previous,

    /// <summary>Never became current: its reset failed, unchanged. Kept, since verify tries it.</summary>
    Failed,
}

/// <summary>One version of an account's password.</summary>
/// <param name="Version">1, 2, 3, …</param>
/// <param name="State">What it is now.</param>
/// <param name="Password">The text, unsealed.</param>
/// <param name="CreatedAt">When it was stored.</param>
/// <param name="ResetId">The reset that made it; null for adopted ones.</param>
public sealed record StoredSecret(int Version, SecretState State, Secret Password, DateTimeOffset CreatedAt, Guid? ResetId);

/// <summary>
/// Which versions an account had when somebody looked at its server. What was found is written down only while they are still the ones:
/// a reset may have come and gone meanwhile, on another node.
/// </summary>
/// <param name="Newest">The newest one's number; 0 where there is none.</param>
/// <param name="Current">The current one's.</param>
public sealed record VersionsSeen(int Newest, int? Current);

/// <summary>The versions of one account, newest first, and its open reset if there is one.</summary>
/// <param name="Versions">Newest first.</param>
/// <param name="OpenReset">The reset that is prepared, undecided or parked; null when there is none.</param>
public sealed record SecretVersions(IReadOnlyList<StoredSecret> Versions, Guid? OpenReset)
{
    /// <summary>The current version; null when the account was never adopted nor reset.</summary>
    public StoredSecret? Current => Versions.FirstOrDefault(version => version.State == SecretState.Current);

    /// <summary>
    /// The current version, if nobody can doubt that it is the one in force: an open reset makes another, unless it only discards an old password
    /// and so has no pending version.
    /// </summary>
    public StoredSecret? Known => OpenReset is null || !Versions.Any(version => version.State == SecretState.Pending) ? Current : null;

    /// <summary>What a look at the server starts from.</summary>
    public VersionsSeen Seen => new(Versions is [var newest, ..] ? newest.Version : 0, Current?.Version);

    /// <summary>What may be in force: pending first, then current.</summary>
    public IEnumerable<StoredSecret> Candidates =>
        Versions.Where(version => version.State is SecretState.Pending or SecretState.Current).OrderBy(version => version.State);
}

/// <summary>Sealed secrets. Reading unseals.</summary>
public interface ISecretStore
{
    /// <summary>
    /// The newest <paramref name="limit"/> versions, read in one snapshot with the open reset. Pending and current ones are always among them.
    /// </summary>
    ValueTask<SecretVersions> ReadAsync(Guid accountId, int limit, CancellationToken cancel);

    /// <summary>
    /// Stores a password that a login has just proved as the current version, and the account where it is new. False, and nothing is
    /// stored, while a reset of the account is open, or when its versions are others than <paramref name="seen"/> before the login.
    /// </summary>
    ValueTask<bool> AdoptAsync(Account account, Secret password, VersionsSeen seen, AuditEntry audit, CancellationToken cancel);

    /// <summary>Makes an old version, that a login has just proved, the current one. False as with <see cref="AdoptAsync"/>.</summary>
    ValueTask<bool> PromoteAsync(Guid accountId, int version, VersionsSeen seen, AuditEntry audit, CancellationToken cancel);
}
