using System.Net;
using Keyturn.Engines;

namespace Keyturn.LiveTests.WholeProgram;

/// <summary>The old password stays valid for a while: shown, and ended by time or by hand.</summary>
public sealed class OverlapTests : OverlapTest
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    public static TheoryData<string> Servers { get; } = ["mysql-9.7", "mariadb-10.11", "redis-7", "valkey-9"];

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task Reset_KeepOldFor_BothAreLetInUntilTheTimeIsOver(string name)
    {
        await using var accounts = new LabAccounts(Lab.Server(name));
        await Keyturn.StartAsync();
        var (instance, user) = await AdoptedAsync(accounts);

        var reset = await KeepAsync(instance, user, seconds: 3600);

        reset.ShouldBe(HttpStatusCode.OK);
        reset.Body["reset"]!["old_password_until"].ShouldNotBeNull();
        (await accounts.LoginAsync(user, LabAccounts.OldPassword)).ShouldBe(Login.Accepted);
        (await accounts.LoginAsync(user, reset["password"]!)).ShouldBe(Login.Accepted);
        (await OldUntilAsync(instance, user)).ShouldNotBeNull();
        var listed = (await Keyturn.Api.GetAsync($"/api/v1/instances/{instance}/accounts")).Body["accounts"]!.AsArray();
        listed.Single(account => account!["user"]!.ToString() == user)!["old_password_until"].ShouldNotBeNull();
        (await Keyturn.Api.PostAsync($"{KeyturnApi.PathOf(instance, user)}/verify", body: null))["verdict"].ShouldBe("verified");

        var last = await KeepAsync(instance, user, seconds: 1);
        last.ShouldBe(HttpStatusCode.OK);
        await UntilDiscardedAsync(instance, user);

        (await accounts.LoginAsync(user, LabAccounts.OldPassword)).ShouldBe(Login.WrongPassword);
        (await accounts.LoginAsync(user, reset["password"]!)).ShouldBe(Login.WrongPassword);
        (await accounts.LoginAsync(user, last["password"]!)).ShouldBe(Login.Accepted);
        var resets = await Keyturn.Api.EndedResetsAsync(instance, user);
        resets.Select(ended => $"{ended["kind"]} {ended["state"]} {ended["operation"]}").ShouldBe(["discard-old done keyturn.discard_old", "reset done api.reset", "reset done api.reset"]);
        (await Keyturn.Api.SecretAsync(instance, user))["version"].ShouldBe("3");
    }

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task DiscardOld_ByHand_ShutsItOutAndShowsNoPassword(string name)
    {
        await using var accounts = new LabAccounts(Lab.Server(name));
        await Keyturn.StartAsync();
        var (instance, user) = await AdoptedAsync(accounts);
        var reset = await KeepAsync(instance, user, seconds: 3600);

        var discard = await Keyturn.Api.PostAsync($"{KeyturnApi.PathOf(instance, user)}/discard-old", body: null);

        discard.ShouldBe(HttpStatusCode.OK);
        discard.Body.ToJsonString().ShouldNotContain(reset["password"]!);
        (await accounts.LoginAsync(user, LabAccounts.OldPassword)).ShouldBe(Login.WrongPassword);
        (await accounts.LoginAsync(user, reset["password"]!)).ShouldBe(Login.Accepted);
        (await OldUntilAsync(instance, user)).ShouldBeNull();
    }

    [Fact]
    public async Task Reset_KeepOldForOnPostgreSql_IsRefusedAndChangesNothing()
    {
        await using var accounts = new LabAccounts(Lab.Server("postgresql-15"));
        await Keyturn.StartAsync();
        var (instance, user) = await AdoptedAsync(accounts);

        (await KeepAsync(instance, user, seconds: 60)).ShouldBeRefused(HttpStatusCode.FailedDependency, "unsupported");

        (await accounts.LoginAsync(user, LabAccounts.OldPassword)).ShouldBe(Login.Accepted);
        (await Keyturn.Api.EndedResetsAsync(instance, user)).ShouldBeEmpty();
    }

    private async Task UntilDiscardedAsync(string instance, string user)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (await OldUntilAsync(instance, user) is not null)
        {
            TimeProvider.System.GetElapsedTime(started).ShouldBeLessThan(Limit);
            await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System);
        }
    }
}
