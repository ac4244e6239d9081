using Keyturn.Audit;
using Keyturn.Passwords;

namespace Keyturn.Instances;

/// <summary>How adding or changing a registration ended.</summary>
/// <param name="Conflict">What stood in the way.</param>
/// <param name="Other">Name of the instance that it collides with; null where that is another project's.</param>
public sealed record RegistrationResult(RegistrationConflict Conflict, string? Other = null)
{
    /// <summary>Stored.</summary>
    public static readonly RegistrationResult Stored = new(RegistrationConflict.None);
}

/// <summary>What stands in the way of a registration.</summary>
public enum RegistrationConflict
{
    /// <summary>Nothing: it is stored.</summary>
    None,

    /// <summary>Another instance of the project has the name.</summary>
    NameTaken,

    /// <summary>The same server is registered already, in this or another project.</summary>
    ServerTaken,

    /// <summary>There is no such instance, or somebody changed it since it was read.</summary>
    Changed,

    /// <summary>One of its accounts has an open reset.</summary>
    ResetOpen,

    /// <summary>The admin login got another password since it was looked at, or is held under another name.</summary>
    AdminChanged,
}

/// <summary>An admin login whose password a login has just proved.</summary>
/// <param name="Account">The account; stored where it is new.</param>
/// <param name="Password">Its present password.</param>
/// <param name="Seen">Its versions before the login.</param>
/// <param name="Audit">The audit row of adopting it.</param>
public sealed record ProvedAdmin(Account Account, Secret Password, VersionsSeen Seen, AuditEntry Audit);

/// <summary>Instances and their accounts.</summary>
public interface IInstanceStore
{
    /// <summary>
    /// Adds an instance with its admin account and that account's current secret, which a login has proved, and the audit row, in one
    /// transaction. A taken server identity is refused unless <see cref="Instance.IsClone"/>.
    /// </summary>
    ValueTask<RegistrationResult> AddAsync(Instance instance, Account admin, Secret adminPassword, AuditEntry audit, CancellationToken cancel);

    /// <summary>Replaces the registration if its revision is still one less than that of <paramref name="instance"/>.</summary>
    ValueTask<RegistrationResult> ReplaceAsync(Instance instance, AuditEntry audit, CancellationToken cancel);

    /// <summary>
    /// The same, and in the same transaction stores the admin login's password that was proved on the servers of the new registration. With
    /// <see cref="RegistrationConflict.ResetOpen"/> and <see cref="RegistrationConflict.AdminChanged"/> nothing of either is stored.
    /// </summary>
    ValueTask<RegistrationResult> ReplaceAsync(Instance instance, ProvedAdmin admin, AuditEntry audit, CancellationToken cancel);

    /// <summary>Forgets the instance, its accounts and their secrets. Refused while a reset is open.</summary>
    ValueTask<RegistrationResult> RemoveAsync(Guid instanceId, AuditEntry audit, CancellationToken cancel);

    /// <summary>The instance, if the project has it.</summary>
    ValueTask<Instance?> FindAsync(Guid projectId, Guid instanceId, CancellationToken cancel);

    /// <summary>The instance of that name, if the project has it.</summary>
    ValueTask<Instance?> FindByNameAsync(Guid projectId, string name, CancellationToken cancel);

    /// <summary>Whoever's it is: for the reconciler, which works for all projects.</summary>
    ValueTask<Instance?> FindAnyAsync(Guid instanceId, CancellationToken cancel);

    /// <summary>All of the project's, by name.</summary>
    ValueTask<IReadOnlyList<Instance>> ListAsync(Guid projectId, CancellationToken cancel);

    /// <summary>Instances of all projects that have nodes which join.</summary>
    ValueTask<IReadOnlyList<Instance>> ListJoiningAsync(CancellationToken cancel);

    /// <summary>
    /// Writes which nodes of the instance still join. False, and nothing is written, when the registration or that list was changed since it was
    /// read. It stays the same revision: nothing of the way to the servers is another.
    /// </summary>
    ValueTask<bool> SetJoiningAsync(Instance seen, IReadOnlyList<string> joining, AuditEntry audit, CancellationToken cancel);

    /// <summary>
    /// The account of that name. Names are compared exactly, hosts without case; on engines with hosts, an account of all rows and one of a single row are different names.
    /// </summary>
    ValueTask<Account?> FindAccountAsync(Guid instanceId, AccountName name, CancellationToken cancel);

    /// <summary>The account with that id.</summary>
    ValueTask<Account?> FindAccountAsync(Guid accountId, CancellationToken cancel);

    /// <summary>
    /// The account that <paramref name="account"/> would overlap with: the same user held as all rows where one row is asked for, or the
    /// other way round. Null when there is none.
    /// </summary>
    ValueTask<Account?> FindOverlapAsync(Guid instanceId, AccountName account, CancellationToken cancel);

    /// <summary>All accounts of the instance that Keyturn holds, by name.</summary>
    ValueTask<IReadOnlyList<Account>> ListAccountsAsync(Guid instanceId, CancellationToken cancel);

    /// <summary>Those of one user: with hosts or authentication databases there may be several.</summary>
    ValueTask<IReadOnlyList<Account>> ListAccountsAsync(Guid instanceId, string user, CancellationToken cancel);

    /// <summary>
    /// A page of the accounts that Keyturn holds, of the project or of one instance of it, by id. The server is not asked: it may be down.
    /// </summary>
    ValueTask<IReadOnlyList<HeldAccount>> ListHeldAsync(Guid projectId, Guid? instanceId, Guid after, int limit, CancellationToken cancel);

    /// <summary>
    /// Adds accounts without a password, in one transaction, and for each the audit row with its name. Those that are held by then, or overlap with one that
    /// is, stay as they are. Returns the names of those that were added; none when the instance is gone.
    /// </summary>
    ValueTask<IReadOnlyList<AccountName>> AddAccountsAsync(Guid instanceId, IReadOnlyList<Account> accounts, AuditEntry audit, CancellationToken cancel);

    /// <summary>Changes how the account's resets are proved.</summary>
    ValueTask SetProofAsync(Guid accountId, ProofMode proof, AuditEntry audit, CancellationToken cancel);

    /// <summary>
    /// Writes what verify found, which is not that the password is in force. False, and nothing is written, when the account's versions are others than those it was found of.
    /// </summary>
    ValueTask<bool> SetDriftAsync(Guid accountId, DateTimeOffset? driftedAt, VersionsSeen seen, AuditEntry audit, CancellationToken cancel);

    /// <summary>The current password was shown to be in force: the account has not drifted, and is no longer unverified. False as with drift.</summary>
    ValueTask<bool> SetVerifiedAsync(Guid accountId, VersionsSeen seen, AuditEntry audit, CancellationToken cancel);

    /// <summary>How many of the project's accounts are unverified, by instance; without those that have none.</summary>
    ValueTask<IReadOnlyDictionary<Guid, int>> CountUnverifiedAsync(Guid projectId, CancellationToken cancel);

    /// <summary>Unverified accounts that Keyturn is to verify by itself now, of all projects. Those with an open reset are not among them: it shows which password is in force.</summary>
    ValueTask<IReadOnlyList<Account>> ListToProbeAsync(int limit, CancellationToken cancel);

    /// <summary>Takes an account that is to be verified now off the list. False if somebody else has.</summary>
    ValueTask<bool> TryBeginProbeAsync(Guid accountId, CancellationToken cancel);

    /// <summary>Puts it on the list again, if it is still unverified.</summary>
    ValueTask ProbeLaterAsync(Guid accountId, TimeSpan pause, CancellationToken cancel);

    /// <summary>
    /// Accounts whose old password is to be discarded now, of all projects. Those with an open reset are not among them, nor those with a parked one
    /// (unless that is a discard itself), nor those that were restored: of them nobody knows which password is the old one.
    /// </summary>
    ValueTask<IReadOnlyList<Account>> ListToDiscardAsync(int limit, CancellationToken cancel);

    /// <summary>Makes it this caller's turn, and nobody else's before <paramref name="pause"/> is over. False if it is not due any more.</summary>
    ValueTask<bool> TryBeginDiscardAsync(Guid accountId, TimeSpan pause, CancellationToken cancel);

    /// <summary>Forgets an account that was dropped from the server, with its secrets. False while a reset of it is open.</summary>
    ValueTask<bool> RemoveAccountAsync(Guid accountId, AuditEntry audit, CancellationToken cancel);
}
