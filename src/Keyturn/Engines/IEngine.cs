using Keyturn.Instances;

namespace Keyturn.Engines;

/// <summary>What all servers of an engine have in common.</summary>
[Flags]
public enum EngineTraits
{
    /// <summary>Nothing special.</summary>
    None = 0,

    /// <summary>Names have a host part.</summary>
    AccountHasHost = 1,

    /// <summary>Names have an authentication database.</summary>
    AccountHasAuthDatabase = 2,

    /// <summary>Accounts live on each node: all of them are changed, persisted and proved.</summary>
    ChangeIsPerNode = 4,

    /// <summary>The authentication plugin can be chosen per account.</summary>
    AccountHasPlugin = 8,

    /// <summary>Accounts can be made with roles (MongoDB), or privileges on databases (MySQL, MariaDB).</summary>
    AccountHasRoles = 16,

    /// <summary>
    /// What one server has may be taken back by an election until a majority has it: seen to be in force is not done, and recovery makes the
    /// change again, which waits for one.
    /// </summary>
    ChangeNeedsMajority = 32,

    /// <summary>
    /// Nodes follow one that takes writes, and say themselves which they are: of several addresses it is looked for anew each time, because a
    /// failover may have moved it.
    /// </summary>
    PrimaryMoves = 64,

    /// <summary>The servers know no login but one that sends the password itself, to whoever answers.</summary>
    LoginSendsPassword = 128,

    /// <summary>Servers can lock an account after so many wrong passwords: what is known of that is read before one is tried that may be wrong.</summary>
    LocksAccounts = 256,
}

/// <summary>One kind of database server, addressed by <see cref="Name"/> from an instance's registration.</summary>
/// <remarks>
/// Engines are shared by all requests and hold no state of a target. They return what the server said, as outcomes with a cause, and
/// throw only for bugs: a cancelled token, which carries the caller's deadline, is the outcome <see cref="EngineError.TimedOut"/>.
/// </remarks>
public interface IEngine
{
    /// <summary>Lower case, stable: it is stored.</summary>
    string Name { get; }

    /// <summary>What all servers of this engine have in common.</summary>
    EngineTraits Traits { get; }

    /// <summary>
    /// Says why <paramref name="account"/> or a password of it cannot be expressed on this engine (too long, NUL, empty, a host where
    /// there is none); null when it can.
    /// </summary>
    Failure? Validate(AccountName account);

    /// <summary>Opens an admin session on one node. Changes nothing. The session knows its own identity on the server.</summary>
    ValueTask<Answer<IAdminSession>> ConnectAsync(Target target, Credential admin, CancellationToken cancel);

    /// <summary>
    /// Logs in as the account over the network on a new connection, as an application would, and leaves again.
    /// <paramref name="derived"/> are keys from a change of the same password, if there was one; they save work and change no result.
    /// </summary>
    ValueTask<LoginResult> TryLoginAsync(Target target, Credential account, DerivedKeys? derived, CancellationToken cancel);
}
