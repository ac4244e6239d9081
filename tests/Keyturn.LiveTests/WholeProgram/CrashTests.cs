using System.Net;
using Keyturn.Engines;
using Keyturn.Resets;

namespace Keyturn.LiveTests.WholeProgram;

/// <summary>No password is ever lost: <c>kill -9</c> between any two hops of a reset, and a restart.</summary>
public sealed class CrashTests(CrashCampaign campaign) : IClassFixture<CrashCampaign>
{
    public static TheoryData<Hop, string, Held> Cases => CrashCampaign.Cases;

    private KeyturnApi Api => campaign.Keyturn.Api;

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Reset_KilledAtHopAndRestarted_KeyturnHoldsWhatTheServerAccepts(Hop hop, string server, Held held)
    {
        Lab.Server(server);
        var account = await campaign.KilledAtAsync(hop, server, held);

        var resets = await Api.EndedResetsAsync(account.Instance, account.User);

        if (hop == Hop.Connected)
        {
            resets.ShouldBeEmpty();
            await ShouldBeUntouchedAsync(account, held);
        }
        else
        {
            var reset = resets.ShouldHaveSingleItem();
            reset["state"]!.ToString().ShouldBe("done", reset.ToJsonString());
            reset["nodes"]![0]!["step"]!.ToString().ShouldBe("proved");
            await ShouldBeChangedAsync(account, (int)reset["version"]!);
        }
    }

    private async Task ShouldBeUntouchedAsync(CrashedAccount account, Held held)
    {
        var secret = await Api.SecretAsync(account.Instance, account.User);
        secret.ShouldBe(held == Held.Nothing ? HttpStatusCode.NotFound : HttpStatusCode.OK);
        secret["password"].ShouldBe(held == Held.Nothing ? null : LabAccounts.OldPassword);
        (await account.Accounts.LoginAsync(account.User, LabAccounts.OldPassword)).ShouldBe(Login.Accepted);
    }

    private async Task ShouldBeChangedAsync(CrashedAccount account, int version)
    {
        var secret = await Api.SecretAsync(account.Instance, account.User);
        secret.ShouldBe(HttpStatusCode.OK);
        secret["version"].ShouldBe(version.ToString());
        (await account.Accounts.LoginAsync(account.User, secret["password"]!)).ShouldBe(Login.Accepted);
        (await account.Accounts.LoginAsync(account.User, LabAccounts.OldPassword)).ShouldBe(Login.WrongPassword);
    }
}
