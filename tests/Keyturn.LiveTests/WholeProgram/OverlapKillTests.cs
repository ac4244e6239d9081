using Keyturn.Engines;
using Keyturn.Resets;

namespace Keyturn.LiveTests.WholeProgram;

/// <summary>The old password stays valid although the program is killed, and its end comes although the program is killed.</summary>
public sealed class OverlapKillTests : OverlapTest
{
    /// <summary>Each way to keep two passwords, each hop twice: a case takes six starts of the program.</summary>
    public static TheoryData<string, Hop> Kills { get; } = new()
    {
        { "mysql-9.7", Hop.Prepared },
        { "mysql-9.7", Hop.Set },
        { "mariadb-10.11", Hop.Set },
        { "mariadb-10.11", Hop.Finished },
        { "redis-7", Hop.Prepared },
        { "redis-7", Hop.Finished },
        { "valkey-9", Hop.Set },
    };

    [Theory]
    [MemberData(nameof(Kills))]
    public async Task Reset_KilledAtHopAndRestarted_KeepsTheOldOneAndEndsIt(string name, Hop hop)
    {
        await using var accounts = new LabAccounts(Lab.Server(name));
        await Keyturn.StartAsync();
        var (instance, user) = await AdoptedAsync(accounts);
        await Keyturn.KillAsync();
        await Keyturn.StartAsync(hop.ToString());
        var reset = KeepAsync(instance, user, seconds: 3600);
        await Keyturn.UntilPausedAsync(hop.ToString(), 1);
        await Keyturn.KillAsync();
        await Should.ThrowAsync<HttpRequestException>(reset);
        await Keyturn.StartAsync();

        (await Keyturn.Api.EndedResetsAsync(instance, user)).ShouldHaveSingleItem()["state"]!.ToString().ShouldBe("done");

        var secret = await Keyturn.Api.SecretAsync(instance, user);
        (await accounts.LoginAsync(user, secret["password"]!)).ShouldBe(Login.Accepted);
        (await accounts.LoginAsync(user, LabAccounts.OldPassword)).ShouldBe(Login.Accepted);
        (await OldUntilAsync(instance, user)).ShouldNotBeNull();
        await Keyturn.KillAsync();
        await Keyturn.StartAsync(nameof(Hop.Set));
        var discard = Keyturn.Api.PostAsync($"{KeyturnApi.PathOf(instance, user)}/discard-old", body: null);
        await Keyturn.UntilPausedAsync(nameof(Hop.Set), hop == Hop.Set ? 2 : 1);
        await Keyturn.KillAsync();
        await Should.ThrowAsync<HttpRequestException>(discard);
        await Keyturn.StartAsync();
        (await Keyturn.Api.EndedResetsAsync(instance, user))[0]["state"]!.ToString().ShouldBe("done");
        (await accounts.LoginAsync(user, LabAccounts.OldPassword)).ShouldBe(Login.WrongPassword);
        (await accounts.LoginAsync(user, secret["password"]!)).ShouldBe(Login.Accepted);
        (await OldUntilAsync(instance, user)).ShouldBeNull();
    }
}
