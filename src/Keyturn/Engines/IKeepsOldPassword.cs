using Keyturn.Instances;
using Keyturn.Passwords;

namespace Keyturn.Engines;

/// <summary>For sessions of servers that can let an old password in beside the new one: MySQL, MariaDB, Redis, Valkey.</summary>
/// <remarks>
/// Each of these reads the account anew before it sends: what an earlier session sent may have landed since the account was inspected, and
/// MySQL, asked twice to retain the current password, would retain the new one.
/// </remarks>
public interface IKeepsOldPassword
{
    /// <summary>
    /// Makes the password the account's, and leaves <paramref name="old"/>, the one before it, valid beside it; every other is shut out.
    /// Idempotent: where the new one is in force already, the old one stays if it is still there, and does not come back if it is not.
    /// Refused, with nothing changed, where neither of the two is in force.
    /// </summary>
    ValueTask<ChangeResult> SetPasswordAsync(PasswordChange change, Secret old, CancellationToken cancel);

    /// <summary>
    /// Shuts <paramref name="old"/> out and leaves <paramref name="password"/> the only one. Idempotent. Refused, with nothing changed, where
    /// <paramref name="password"/> is not in force, or where a password is that is neither of the two and may be the newer one.
    /// </summary>
    /// <param name="account">Whose.</param>
    /// <param name="password">The one that stays.</param>
    /// <param name="old">The one that goes; null where none is known.</param>
    /// <param name="cancel">The caller's deadline.</param>
    ValueTask<ChangeResult> DiscardOldPasswordAsync(AccountName account, Secret password, Secret? old, CancellationToken cancel);

    /// <summary><see cref="ReadbackVerdict.Matches"/> where the two are valid, and no other is.</summary>
    ValueTask<Readback> ReadBackAsync(AccountName account, Secret password, Secret old, CancellationToken cancel);
}
