using Keyturn.Resets;

namespace Keyturn.Simulation;

/// <summary>What histories came to, so that one that met nothing shows.</summary>
internal enum Seen
{
    AnswersDone,
    AnswersFailed,
    AnswersUndecided,
    AnswersParked,
    AnswersRefused,
    AnswersBusy,
    CallersHungUp,
    CallsThatDiedWithTheirProcess,
    CallsWithoutAProcess,
    CallsEndedByTheStore,
    SameOutcomeForTwoCalls,
    RepeatsByKey,
    RepeatsWithoutKey,
    PasswordsRead,
    ReadsRefused,
    Verified,
    Adopted,
    NotAdopted,
    TakeOvers,
    TakeOversFromTheLiving,
    EndedByRecoveryDone,
    EndedByRecoveryFailed,
    EndsRefusedByTheFence,
    Parked,
    ParkedAndReplaced,
    OldOnesKept,
    OldOnesDiscarded,
    ChangesLost,
    ChangesRefused,
    ChangesTakenBack,
    AnswersLostAfterTheChangeLanded,
    StatementsLandedLate,
    StatementsLandedAfterTheirClient,
    StatementsEndedWithTheirSession,
    OrphanedStatements,
    SessionsEnded,
    SessionsNotShownToBeOver,
    SessionIdsReused,
    OddLogins,
    ServersRestarted,
    ConnectionsCut,
    Pauses,
    ClockJumps,
    StoreFailedOver,
    CommitsLostWithTheStore,
    StoreRefusedAWrite,
    WritesWithoutAnswer,
    PreparesUnknownAndStored,
    PreparesUnknownAndLost,
}

/// <summary>Counts, of one history or of many.</summary>
internal sealed class Coverage
{
    private static readonly int Points = Enum.GetValues<Point>().Length;
    private readonly long[] _seen = new long[Enum.GetValues<Seen>().Length];
    private readonly long[] _crashes = new long[Points * 3];

    public long Histories { get; private set; }

    public long Steps { get; private set; }

    public long this[Seen seen] => _seen[(int)seen];

    /// <summary>Processes killed there.</summary>
    public long CrashesAt(Point point, Stage stage) => _crashes[((int)point * 3) + (int)stage];

    public long CrashesAt(Hop hop) => CrashesAt(Point.HopConnected + (int)hop, Stage.Before);

    public void Count(Seen seen, bool isSo = true) => _seen[(int)seen] += isSo ? 1 : 0;

    public void CountCrash(Point point, Stage stage) => _crashes[((int)point * 3) + (int)stage]++;

    public void CountHistory(int steps)
    {
        Histories++;
        Steps += steps;
    }

    public void Add(Coverage other)
    {
        Histories += other.Histories;
        Steps += other.Steps;
        for (var index = 0; index < _seen.Length; index++)
        {
            _seen[index] += other._seen[index];
        }

        for (var index = 0; index < _crashes.Length; index++)
        {
            _crashes[index] += other._crashes[index];
        }
    }

    /// <summary>What was met less than once in <paramref name="histories"/> histories.</summary>
    public IEnumerable<string> Missing(int histories)
    {
        var floor = Histories / histories;
        return
        [
            .. Enum.GetValues<Seen>().Where(seen => this[seen] < floor).Select(seen => $"{seen}: {this[seen]}"),
            .. Enum.GetValues<Hop>().Where(hop => CrashesAt(hop) < floor).Select(hop => $"killed at hop {hop}: {CrashesAt(hop)}"),
            .. Enum.GetValues<Point>().Where(point => Crashes(point) < floor).Select(point => $"killed at {point}: {Crashes(point)}"),
        ];
    }

    public void Print(TextWriter output)
    {
        output.WriteLine($"{Histories} histories, {Steps / Math.Max(Histories, 1)} steps each");
        foreach (var seen in Enum.GetValues<Seen>())
        {
            output.WriteLine($"  {seen,-34} {this[seen],10}");
        }

        output.WriteLine($"  {"killed at",-34} {"before",10} {"landed",10} {"answered",10}");
        foreach (var point in Enum.GetValues<Point>().Where(point => point < Point.HopConnected))
        {
            output.WriteLine($"  {point,-34} {CrashesAt(point, Stage.Before),10} {CrashesAt(point, Stage.Landed),10} {CrashesAt(point, Stage.After),10}");
        }

        foreach (var hop in Enum.GetValues<Hop>())
        {
            output.WriteLine($"  hop {hop,-30} {CrashesAt(hop),10}");
        }
    }

    private long Crashes(Point point) => CrashesAt(point, Stage.Before) + CrashesAt(point, Stage.Landed) + CrashesAt(point, Stage.After);
}
