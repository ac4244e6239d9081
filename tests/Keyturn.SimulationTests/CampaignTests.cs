using Keyturn.Simulation;

namespace Keyturn.SimulationTests;

public sealed class CampaignTests(ITestOutputHelper output)
{
    /// <summary>What a campaign meets less often than once in so many histories, it does not show to be safe.</summary>
    private const int Seldom = 5_000;

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

    public static TheoryData<string> Rules => [.. Enum.GetNames<Mutation>().Where(name => name != nameof(Mutation.None))];

    /// <summary>A simulation that notices nothing shows nothing.</summary>
    [Theory]
    [MemberData(nameof(Rules))]
    public void Run_RuleOfTheProtocolIsBroken_IsFound(string rule)
    {
        var broken = Enum.Parse<Mutation>(rule);

        var result = Campaign.Run(first: 1, histories: 50_000, broken);

        result.Failing.ShouldNotBeNull();
        output.WriteLine($"found in history {result.Failing}: {HistoryRun.Run(HistoryArbitrary.Make(result.Failing.Value), broken, new Coverage()).Violation}");
    }
}
