using Keyturn.Simulation;

namespace Keyturn.SimulationTests;

public sealed class ReplayTests
{
    [Fact]
    public void Run_SameSeedTwice_HappensTheSameWay()
    {
        for (ulong seed = 1; seed <= 1_000; seed++)
        {
            var history = HistoryArbitrary.Make(seed);
            var first = HistoryRun.Run(history, Mutation.None, new Coverage());

            HistoryRun.Run(HistoryArbitrary.Make(seed), Mutation.None, new Coverage()).ShouldBe(first, $"seed {seed}\n{history}");
        }
    }

    [Fact]
    public void Tell_SameSeedTwice_IsTheSameLineByLine() =>
        Campaign.Tell(HistoryArbitrary.Make(4711)).ShouldBe(Campaign.Tell(HistoryArbitrary.Make(4711)));

    [Fact]
    public void Make_TwoSeeds_AreTwoHistories() =>
        HistoryArbitrary.Make(1).ToString().ShouldNotBe(HistoryArbitrary.Make(2).ToString());

    [Fact]
    public void Shrink_FailingHistory_IsSmallerAndBreaksTheSamePromise()
    {
        const Mutation broken = Mutation.SecondWhileOpen;
        var failing = Campaign.Run(1, 1_000, broken).Failing!.Value;
        var whole = HistoryArbitrary.Make(failing);

        var smallest = Campaign.Shrink(failing, broken);

        smallest.Steps.Count.ShouldBeLessThanOrEqualTo(whole.Steps.Count);
        smallest.Steps.Count.ShouldBe(2, smallest.ToString());
        HistoryRun.Run(smallest, broken, new Coverage()).Violation!.Promise.ShouldBe(Promise.OneOpenReset);
    }
}
