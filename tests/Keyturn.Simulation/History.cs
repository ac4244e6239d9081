using Keyturn.Simulation.Servers;

namespace Keyturn.Simulation;

/// <summary>What happens in one step of a history.</summary>
internal enum Act
{
    /// <summary>A request for a generated password. A: which account. B: with which key, if any, and whether the old one is to stay valid for a while.</summary>
    Reset,

    /// <summary>A request for a given password. A: which account. B: which password, with which key, and whether the old one is to stay valid.</summary>
    ResetTo,

    /// <summary>Somebody reads the password. A: which account.</summary>
    Read,

    /// <summary>Somebody verifies. A: which account.</summary>
    Verify,

    /// <summary>Somebody has the password that the server has adopted. A: of which account.</summary>
    Adopt,

    /// <summary>The last caller of the process hangs up.</summary>
    HangUp,

    /// <summary>The process is killed; another one starts B later.</summary>
    Crash,

    /// <summary>The process does not run for B: its machine sleeps.</summary>
    Pause,

    /// <summary>The process's clock jumps by B, or back if A is odd.</summary>
    ClockJump,

    /// <summary>Server A goes down for B, and forgets its sessions and what was not durable.</summary>
    ServerRestart,

    /// <summary>All connections of server A break.</summary>
    Cut,

    /// <summary>Server A has another fate for the next change. B: which, and how late.</summary>
    ChangeFate,

    /// <summary>Server A answers the next login oddly. B: how.</summary>
    OddLogin,

    /// <summary>Server A shows no session to be over, for B.</summary>
    NoSessionEnds,

    /// <summary>Server A has no majority, for B.</summary>
    NoMajority,

    /// <summary>The store's machine fails, with what was not synced. Another takes over after B.</summary>
    StoreFailOver,

    /// <summary>Nobody reaches the store for B.</summary>
    StoreAway,

    /// <summary>The store can be read and not be written, for B.</summary>
    StoreRefuses,

    /// <summary>The next synced write of the store has fate B.</summary>
    WriteFate,

    /// <summary>The store's clock jumps forward by B.</summary>
    StoreClockJump,
}

/// <summary>One thing that happens.</summary>
/// <param name="At">When, in milliseconds.</param>
/// <param name="Node">To which Keyturn process; or on whose way.</param>
/// <param name="Boundary">Not before this process has passed so many awaits from then on; 0 means at once.</param>
/// <param name="Act">What.</param>
/// <param name="A">See <see cref="Simulation.Act"/>.</param>
/// <param name="B">See <see cref="Simulation.Act"/>.</param>
internal sealed record Step(int At, int Node, int Boundary, Act Act, int A, int B)
{
    private static readonly int[] Milliseconds = [20, 200, 2_000, 6_000, 20_000, 70_000, 200_000];

    /// <summary>How many durations there are.</summary>
    public static int Durations => Milliseconds.Length;

    public TimeSpan Duration => TimeSpan.FromMilliseconds(Milliseconds[B % Milliseconds.Length]);

    public override string ToString() =>
        $"{TimeSpan.FromMilliseconds(At).TotalSeconds,8:0.000} s, process {Node}{(Boundary > 0 ? $", {Boundary} awaits on" : "")}: {Act} A={A} B={B}";
}

/// <summary>What a history happens to.</summary>
internal sealed record Shape
{
    /// <summary>Keyturn processes on the one store. A single one has its store in a file: it is never in doubt, and dies with its machine.</summary>
    public required int Nodes { get; init; }

    /// <summary>How the servers keep accounts.</summary>
    public required ServerKind Kind { get; init; }

    /// <summary>Accounts besides the admin login, which is the last one.</summary>
    public required int Accounts { get; init; }

    /// <summary>Longest latency in microseconds; 0: all take the same.</summary>
    public required int LongestLatency { get; init; }

    /// <summary>The admin may not read verifiers, so that logins have to show which password is in force.</summary>
    public required bool HidesVerifiers { get; init; }

    /// <summary>Whether Keyturn knows the accounts' present passwords.</summary>
    public required bool IsAdopted { get; init; }

    /// <summary>By how much the processes' clocks differ from the store's, each by as much more.</summary>
    public required int ClockSkewSeconds { get; init; }
}

/// <summary>Everything that makes one run what it is.</summary>
internal sealed record History(ulong Seed, Shape Shape, IReadOnlyList<Step> Steps)
{
    public override string ToString() => string.Join('\n', [$"chance {Seed}, {Shape}", .. Steps.OrderBy(step => step.At).Select(step => step.ToString())]);
}
