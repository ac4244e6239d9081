using Keyturn.Engines;

namespace Keyturn.Simulation.Servers;

/// <summary>What one server does with the next change it is sent.</summary>
internal enum ChangeFate
{
    /// <summary>Applies it and says so.</summary>
    Apply,

    /// <summary>Says no, and means it.</summary>
    Refuse,

    /// <summary>Says no, for now.</summary>
    RefuseForNow,

    /// <summary>The connection breaks before it arrives.</summary>
    LoseRequest,

    /// <summary>Applies it; the answer is lost with the connection.</summary>
    LoseAnswer,

    /// <summary>It waits, for a lock perhaps, and lands when the sender has long given up: unless its session is ended before.</summary>
    LandLate,
}

/// <summary>What becomes of the password before.</summary>
internal enum OldOne
{
    /// <summary>It is shut out, and so is every other.</summary>
    IsShutOut,

    /// <summary>It stays valid beside the new one.</summary>
    IsRetained,

    /// <summary>The older one is shut out, the present one stays.</summary>
    IsDiscarded,
}

/// <summary>A change as it is sent.</summary>
internal sealed record Statement(string User, string Password, OldOne Old = OldOne.IsShutOut);

/// <summary>Names and delays of what servers answer.</summary>
internal static class ServerAnswers
{
    public static readonly Failure Away = new(EngineError.Unreachable, "The server is away.");
    public static readonly Failure Lost = new(EngineError.ConnectionLost, "The connection is lost.");
    public static readonly Failure TooLate = new(EngineError.TimedOut, "No answer in time.");
}

/// <summary>How an account is kept on the simulated servers.</summary>
internal enum ServerKind
{
    /// <summary>One server; a change is durable when it lands (PostgreSQL, MySQL, MariaDB).</summary>
    Plain,

    /// <summary>Two servers with accounts of their own, in memory until they are written out (Redis, Valkey).</summary>
    PerNode,

    /// <summary>A replica set's primary: a change is answered, and outlives an election, once a majority has it (MongoDB).</summary>
    Majority,
}
