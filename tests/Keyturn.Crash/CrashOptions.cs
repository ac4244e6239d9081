using Keyturn.Crash.Treatments;

namespace Keyturn.Crash;

/// <summary>How long and how much.</summary>
internal sealed record CrashOptions
{
    public required string LabJson { get; init; }

    public required string LabScript { get; init; }

    /// <summary>The built <c>keyturn</c>.</summary>
    public required string Keyturn { get; init; }

    public required ulong Seed { get; init; }

    /// <summary>How many nodes share the store. More than one need a replicated PostgreSQL.</summary>
    public int Nodes { get; init; } = 1;

    public int Kills { get; init; } = 20;

    /// <summary>Length of one storm that nothing ends sooner.</summary>
    public TimeSpan Storm { get; init; } = TimeSpan.FromSeconds(10);

    public int Accounts { get; init; } = 200;

    /// <summary>Accounts of a treatment that has a Keyturn of its own.</summary>
    public int OwnAccounts { get; init; } = 200;

    /// <summary>How often a treatment is repeated that is not counted in kills.</summary>
    public int Rounds { get; init; } = 4;

    /// <summary>For each patience and server: 13 times 32 are the peer's 400.</summary>
    public int HangUpsPerCaller { get; init; } = 13;

    /// <summary>How long one account's row is locked.</summary>
    public TimeSpan Lock { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>After which what was told unchanged is looked at again. The peer's "failed" calls came about within 25 s.</summary>
    public TimeSpan Later { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Within which every reset has to end once everything runs again.</summary>
    public TimeSpan SettleLimit { get; init; } = TimeSpan.FromSeconds(30);

    public IReadOnlyList<string> Engines { get; init; } = [];

    /// <summary>Names of treatments; all of them when empty.</summary>
    public IReadOnlyList<string> Only { get; init; } = [];

    public string? Json { get; init; }

    /// <summary>Where the nodes' output is kept.</summary>
    public string? Logs { get; init; }

    /// <summary>
    /// Every treatment once, within about a minute; without the kills at each hop, which the live tests do on more servers than these.
    /// </summary>
    public CrashOptions Shortened() => this with
    {
        Kills = 2,
        Only = Only.Count > 0 ? Only : [.. AllTreatments.For(Nodes).Select(one => one.Name).Where(name => name != "hop")],
        Accounts = 96,
        OwnAccounts = 32,
        Rounds = 1,
        HangUpsPerCaller = 3,
        Storm = TimeSpan.FromSeconds(1),
        Lock = TimeSpan.FromSeconds(4),
        Later = TimeSpan.FromSeconds(4),
    };
}
