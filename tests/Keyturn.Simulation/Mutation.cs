namespace Keyturn.Simulation;

/// <summary>Rules of the protocol that can be broken on purpose, to see that the simulation notices.</summary>
internal enum Mutation
{
    /// <summary>Nothing is broken.</summary>
    None,

    /// <summary>Earlier sessions are taken for gone, and are not ended.</summary>
    SessionsNotEnded,

    /// <summary>Recovery sends on sessions that the store does not name.</summary>
    SessionsNotRecorded,

    /// <summary>A login is taken for granted.</summary>
    ProofNotAsked,

    /// <summary>The intent is not synced before the change is sent.</summary>
    PrepareNotDurable,

    /// <summary>"Failed, unchanged" may be lost with the store's machine.</summary>
    FailedNotDurable,

    /// <summary>An older worker may write.</summary>
    FenceNotChecked,

    /// <summary>Taking over does not shut the worker before out.</summary>
    FenceStays,

    /// <summary>A reset is begun although one is open.</summary>
    SecondWhileOpen,

    /// <summary>The old password is served while a reset is open.</summary>
    ServeWhileOpen,

    /// <summary>An idempotency key is not looked for.</summary>
    KeyForgotten,

    /// <summary>A prepare without an answer is told as "nothing changed".</summary>
    UnknownToldAsRefused,

    /// <summary>Accounts are not written out on servers that keep them in memory.</summary>
    NotWrittenOut,

    /// <summary>What verify saw is written down although the account's versions are others by now.</summary>
    StaleLookIsWritten,

    /// <summary>A server is told to retain the current password although that is the new one already.</summary>
    RetainedTwice,

    /// <summary>What one server of a replica set shows is taken for done.</summary>
    SeenIsDone,
}
