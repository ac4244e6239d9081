using System.Net;
using Keyturn.Engines;
using Keyturn.Resets;

namespace Keyturn.LiveTests.WholeProgram;

/// <summary>No password is ever lost: <c>kill -9</c> between any two hops of a reset, and a restart.</summary>
public sealed class CrashTests(CrashCampaign campaign) : IClassFixture<CrashCampaign>
{
    public static TheoryData<Hop, string, bool> Cases => CrashCampaign.Cases;

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Reset_KilledAtHopAndRestarted_KeyturnHoldsWhatTheServerAccepts(Hop hop, string server, bool isAdopted)
    {
        Lab.Server(server);
        var user = await campaign.KilledAtAsync(hop, server, isAdopted);

        var resets = await campaign.Keyturn.Api.EndedResetsAsync(campaign.InstanceOf(server), user);

        if (hop == Hop.Connected)
        {
            resets.ShouldBeEmpty();
            await ShouldBeUntouchedAsync(server, user, isAdopted);
        }
        else
        {
            var reset = resets.ShouldHaveSingleItem();
            reset["state"]!.ToString().ShouldBe("done", reset.ToJsonString());
            reset["nodes"]![0]!["step"]!.ToString().ShouldBe("proved");
            await ShouldBeChangedAsync(server, user, (int)reset["version"]!);
        }
    }

    private async Task ShouldBeUntouchedAsync(string server, string user, bool isAdopted)
    {
        var secret = await campaign.Keyturn.Api.SecretAsync(campaign.InstanceOf(server), user);
        secret.Status.ShouldBe(isAdopted ? HttpStatusCode.OK : HttpStatusCode.NotFound);
        secret["password"].ShouldBe(isAdopted ? LabAccounts.OldPassword : null);
        (await campaign.AccountsOf(server).LoginAsync(user, LabAccounts.OldPassword)).ShouldBe(Login.Accepted);
    }

    private async Task ShouldBeChangedAsync(string server, string user, int version)
    {
        var secret = await campaign.Keyturn.Api.SecretAsync(campaign.InstanceOf(server), user);
        secret.ShouldBe(HttpStatusCode.OK);
        secret["version"].ShouldBe(version.ToString());
        (await campaign.AccountsOf(server).LoginAsync(user, secret["password"]!)).ShouldBe(Login.Accepted);
        (await campaign.AccountsOf(server).LoginAsync(user, LabAccounts.OldPassword)).ShouldBe(Login.WrongPassword);
    }
}
