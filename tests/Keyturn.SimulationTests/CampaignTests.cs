using Keyturn.Simulation;

namespace Keyturn.SimulationTests;

public sealed class CampaignTests(ITestOutputHelper output)
{
    /// <summary>What a campaign meets less often than once in so many histories, it does not show to be safe.</summary>
    private const int Seldom = 2_000;

    [Fact]
    public void Run_HundredThousandHistories_KeepEveryPromiseAndMeetEveryTrouble()
    {
        var result = Campaign.Run(first: 1, histories: 100_000);

        using var text = new StringWriter();
        result.Coverage.Print(text);
        output.WriteLine(text.ToString());
        result.Failing.ShouldBeNull(result.Failing is { } failing ? Campaign.TellFailing(failing) : null);
        result.Coverage.Missing(Seldom).ShouldBeEmpty();
    }

    /// <summary>A simulation that notices nothing shows nothing: each of these has to be found, and says which promise it breaks.</summary>
    [Theory]
    [InlineData("SessionsNotEnded", "NoPasswordIsLost")]
    [InlineData("SessionsNotRecorded", "NoPasswordIsLost")]
    [InlineData("ProofNotAsked", "NoAnswerLies")]
    [InlineData("PrepareNotDurable", "NoPasswordIsLost")]
    [InlineData("FailedNotDurable", "NoAnswerLies")]
    [InlineData("FenceNotChecked", "NoAnswerLies")]
    [InlineData("FenceStays", "NoAnswerLies")]
    [InlineData("SecondWhileOpen", "OneOpenReset")]
    [InlineData("ServeWhileOpen", "NoReadLies")]
    [InlineData("KeyForgotten", "NothingRotatesTwice")]
    [InlineData("UnknownToldAsRefused", "NoAnswerLies")]
    [InlineData("NotWrittenOut", "NoAnswerLies")]
    [InlineData("SeenIsDone", "NoAnswerLies")]
    [InlineData("StaleLookIsWritten", "NoPasswordIsLost")]
    public void Run_RuleOfTheProtocolIsBroken_IsFound(string mutation, string promise)
    {
        var broken = Enum.Parse<Mutation>(mutation);

        var result = Campaign.Run(first: 1, histories: 50_000, broken);

        output.WriteLine($"found in history {result.Failing}");
        result.Failing.ShouldNotBeNull();
        HistoryRun.Run(HistoryArbitrary.Make(result.Failing.Value), broken, new Coverage()).Violation!.Promise.ToString().ShouldBe(promise);
    }

    [Fact]
    public void Run_EveryMutation_HasItsTest() =>
        typeof(CampaignTests).GetMethod(nameof(Run_RuleOfTheProtocolIsBroken_IsFound))!.GetCustomAttributes(typeof(InlineDataAttribute), inherit: false)
            .Length.ShouldBe(Enum.GetValues<Mutation>().Length - 1);
}
