using Keyturn.Instances;

namespace Keyturn.Engines;

/// <summary>A session of an account that is logged in.</summary>
/// <param name="Session">What the server calls it; it can be ended by that.</param>
/// <param name="Age">
/// How long it has been connected, by the server's clock; null where the server does not say. Then its id is a number, and sessions that were
/// opened earlier have lower ones.
/// </param>
public sealed record AccountSession(ServerSession Session, TimeSpan? Age)
{
    /// <summary>The server's number, where it is a part of the id only.</summary>
    public ulong? Number { get; init; }

    /// <summary>Whether the server may be another than the one of the last reset (a replica set's primary), so that another start does not show that it was started since.</summary>
    public bool IsOfMovingPrimary { get; init; }
}

/// <summary>For admin sessions on servers that show who is logged in.</summary>
public interface IListsSessions
{
    /// <summary>
    /// The sessions that are logged in as the account, without this one. All of them: a failure where the admin login is not shown those of
    /// others, or where the server does not tell the account's from another's.
    /// </summary>
    ValueTask<Answer<IReadOnlyList<AccountSession>>> ListSessionsAsync(AccountName account, CancellationToken cancel);
}
