namespace Keyturn.Resets;

/// <summary>The places between two hops of a reset where a process may die.</summary>
public enum Hop
{
    /// <summary>Admin sessions are open, nothing is stored.</summary>
    Connected,

    /// <summary>The intent is durable, nothing is sent.</summary>
    Prepared,

    /// <summary>A node has applied the change.</summary>
    Set,

    /// <summary>A node has written it out.</summary>
    Persisted,

    /// <summary>A node has proved it.</summary>
    Proved,

    /// <summary>The end is stored, the caller has no answer.</summary>
    Finished,
}

/// <summary>Lets tests stop the process between two hops: a debug switch of the server, a no-op otherwise.</summary>
/// <param name="pause">Called at each hop; returns when the reset may go on.</param>
public sealed class HopGate(Func<Hop, Task> pause)
{
    /// <summary>Goes straight through.</summary>
    public static readonly HopGate Open = new(_ => Task.CompletedTask);

    /// <summary>Called by the reset between two hops.</summary>
    public Task PassAsync(Hop hop) => pause(hop);
}
