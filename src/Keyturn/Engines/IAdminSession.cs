using Keyturn.Instances;
using Keyturn.Passwords;

namespace Keyturn.Engines;

/// <summary>A change of one account's password, as one server is asked for it.</summary>
/// <param name="Account">Whose.</param>
/// <param name="Password">The new one.</param>
public sealed record PasswordChange(AccountName Account, Secret Password)
{
    /// <summary>The authentication plugin to move the account to; null keeps its own (or, on creating, the server's default).</summary>
    public string? AuthPlugin { get; init; }

    /// <summary>Make the account, with no rights but <see cref="Roles"/>, where it does not exist. Without it a missing account is refused.</summary>
    public bool CreateIfMissing { get; init; }

    /// <summary>What an account that is made may do, as <see cref="ICopiesAccounts"/> read it on another node; null means nothing but to log in.</summary>
    public string? Rights { get; init; }

    /// <summary>What an account that is made may do, on engines with <see cref="EngineTraits.AccountHasRoles"/>. The change is applied only with all of them.</summary>
    public IReadOnlyList<AccountRole> Roles { get; init; } = [];
}

/// <summary>
/// One connection of the admin login to one node. Not thread-safe: one caller at a time.
/// </summary>
/// <remarks>
/// A change is over when its session is over, never because time has passed. The token carries the caller's deadline, and its
/// cancellation is an outcome, never an exception: <see cref="Change.Unknown"/> once bytes of a change may have left, and then the
/// session is no longer <see cref="IsUsable"/>.
/// </remarks>
public interface IAdminSession : IAsyncDisposable
{
    /// <summary>What the server calls this session. Stored before a change is sent on it.</summary>
    ServerSession Session { get; }

    /// <summary>What connecting told about the server.</summary>
    ServerInfo Server { get; }

    /// <summary>
    /// False once the connection is broken, a statement's end is unknown, or the server would not let it have a right that was granted meanwhile; such a
    /// session is never used again.
    /// </summary>
    bool IsUsable { get; }

    /// <summary>Reads the account and what the admin login may do to it.</summary>
    ValueTask<Answer<Inspection>> InspectAsync(AccountName account, CancellationToken cancel);

    /// <summary>What the admin login lacks on this server, whichever account is meant; what it lacks for one account, <see cref="InspectAsync"/> tells.</summary>
    ValueTask<Answer<IReadOnlyList<MissingRight>>> ReadMissingRightsAsync(CancellationToken cancel);

    /// <summary>
    /// Makes the password the account's only one: on every row and alternative that authenticates by password, older retained ones
    /// discarded. Idempotent. Uses what the last <see cref="InspectAsync"/> of the same account on this session read, and reads it itself if there was none.
    /// </summary>
    ValueTask<ChangeResult> SetPasswordAsync(PasswordChange change, CancellationToken cancel);

    /// <summary>Compares the server's stored verifier with <paramref name="password"/>.</summary>
    ValueTask<Readback> ReadBackAsync(AccountName account, Secret password, CancellationToken cancel);

    /// <summary>Ends another session, if it is still there, and waits until it is gone.</summary>
    ValueTask<SessionEndResult> EndSessionAsync(ServerSession session, CancellationToken cancel);

    /// <summary>The accounts of the server, by name.</summary>
    ValueTask<Answer<IReadOnlyList<AccountRow>>> ListAccountsAsync(CancellationToken cancel);

    /// <summary>Drops an account. A missing one is refused with <see cref="EngineError.AccountMissing"/>.</summary>
    ValueTask<ChangeResult> DropAccountAsync(AccountName account, CancellationToken cancel);
}

/// <summary>For servers whose accounts can be made like those of another node of the same instance (Redis, Valkey).</summary>
public interface ICopiesAccounts
{
    /// <summary>All that the server says of what the account may do, in the form that <see cref="PasswordChange.Rights"/> takes; no password of it.</summary>
    ValueTask<Answer<string>> ReadRightsAsync(AccountName account, CancellationToken cancel);
}

/// <summary>For servers on which a change must be written out to outlive a restart (Redis, Valkey).</summary>
public interface IPersistsAccounts
{
    /// <summary>
    /// Writes the accounts to the server's file. <see cref="EngineError.NotPersisted"/>, refused, where the server has none.
    /// </summary>
    ValueTask<ChangeResult> PersistAsync(CancellationToken cancel);
}
