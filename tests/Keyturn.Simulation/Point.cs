namespace Keyturn.Simulation;

/// <summary>What a process waits for: the domain's awaits that leave the process, and its named hops.</summary>
internal enum Point
{
    FindAccount,
    FindInstance,
    FindByKey,
    FindRepeat,
    FindReset,
    FindUnsettled,
    Due,
    ReadSecrets,
    Audit,
    Prepare,
    MaySend,
    RecordSessions,
    Finish,
    MarkUndelivered,
    TakeOver,
    Adopt,
    SetDrift,
    DueDiscards,
    BeginDiscard,
    Connect,
    Inspect,
    SetPassword,
    Persist,
    ReadBack,
    LogIn,
    EndSession,
    HopConnected,
    HopPrepared,
    HopSet,
    HopPersisted,
    HopProved,
    HopFinished,
}

/// <summary>How far it is with a <see cref="Point"/>.</summary>
internal enum Stage
{
    /// <summary>Nothing has left the process.</summary>
    Before,

    /// <summary>It has happened on the other side; no answer is here.</summary>
    Landed,

    /// <summary>The answer is here; nothing was done with it.</summary>
    After,
}
