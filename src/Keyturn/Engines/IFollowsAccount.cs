using Keyturn.Instances;
using Keyturn.Passwords;

namespace Keyturn.Engines;

/// <summary>
/// For servers that log in to each other as one of the accounts (replicas of Redis and Valkey, by <c>masteruser</c> and <c>masterauth</c>): what
/// a server holds of that account's password follows a change, or its link to its primary does not come back once it breaks.
/// </summary>
public interface IFollowsAccount
{
    /// <summary>Whether the server may be logging in to others as <paramref name="account"/>, as far as connecting has told.</summary>
    bool MayFollow(AccountName account);

    /// <summary>
    /// Gives the server the password for its own logins, where it logs in to others as <paramref name="account"/>. Idempotent. What of it needs
    /// writing out is written by <see cref="IPersistsAccounts.PersistAsync"/> afterwards.
    /// </summary>
    ValueTask<FollowResult> FollowAsync(AccountName account, Secret password, CancellationToken cancel);

    /// <summary>
    /// Whether the server's link to its primary is up; waits for it until <paramref name="cancel"/>. Null where it is, and where the server has no primary.
    /// </summary>
    ValueTask<Failure?> AwaitLinkAsync(CancellationToken cancel);
}

/// <summary>The outcome of <see cref="IFollowsAccount.FollowAsync"/>.</summary>
/// <param name="Follows">Whether the server logs in to others as the account.</param>
/// <param name="Failure">Why it has not got the password.</param>
public sealed record FollowResult(bool Follows, Failure? Failure = null)
{
    /// <summary>Whether its link was up before.</summary>
    public bool WasUp { get; init; }
}
