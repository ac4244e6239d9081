using System.Net;
using System.Text.Json.Nodes;
using Keyturn.Engines;
using Keyturn.Resets;

namespace Keyturn.LiveTests.WholeProgram;

/// <summary>The old password stays valid for a while: kept over a kill, shown, and ended by time or by hand.</summary>
public sealed class OverlapTests : IAsyncLifetime
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);
    private KeyturnProcess _keyturn = null!;

    public static TheoryData<string> Servers { get; } = ["mysql-9.7", "mariadb-10.11", "redis-7", "valkey-9"];

    public static TheoryData<string, Hop> Kills { get; } =
    [
        .. from server in (string[])["mysql-9.7", "mariadb-10.11", "redis-7", "valkey-9"]
           from hop in (Hop[])[Hop.Prepared, Hop.Set, Hop.Finished]
           select (server, hop),
    ];

    public async ValueTask InitializeAsync() => _keyturn = await KeyturnProcess.CreateAsync();

    public ValueTask DisposeAsync() => _keyturn.DisposeAsync();

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task Reset_KeepOldFor_BothAreLetInUntilTheTimeIsOver(string name)
    {
        await using var accounts = new LabAccounts(Lab.Server(name));
        await _keyturn.StartAsync();
        var (instance, user) = await AdoptedAsync(accounts);

        var reset = await KeepAsync(instance, user, seconds: 4);

        reset.ShouldBe(HttpStatusCode.OK);
        reset.Body["reset"]!["old_password_until"].ShouldNotBeNull();
        (await accounts.LoginAsync(user, LabAccounts.OldPassword)).ShouldBe(Login.Accepted);
        (await accounts.LoginAsync(user, reset["password"]!)).ShouldBe(Login.Accepted);
        (await OldUntilAsync(instance, user)).ShouldNotBeNull();
        var listed = (await _keyturn.Api.GetAsync($"/api/v1/instances/{instance}/accounts")).Body["accounts"]!.AsArray();
        listed.Single(account => account!["user"]!.ToString() == user)!["old_password_until"].ShouldNotBeNull();
        (await _keyturn.Api.PostAsync($"{KeyturnApi.PathOf(instance, user)}/verify", body: null))["verdict"].ShouldBe("verified");

        await UntilDiscardedAsync(instance, user);

        (await accounts.LoginAsync(user, LabAccounts.OldPassword)).ShouldBe(Login.WrongPassword);
        (await accounts.LoginAsync(user, reset["password"]!)).ShouldBe(Login.Accepted);
        var resets = await _keyturn.Api.EndedResetsAsync(instance, user);
        resets.Select(ended => $"{ended["kind"]} {ended["state"]} {ended["operation"]}").ShouldBe(["discard-old done keyturn.discard_old", "reset done api.reset"]);
        (await _keyturn.Api.SecretAsync(instance, user))["version"].ShouldBe("2");
    }

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task DiscardOld_ByHand_ShutsItOutAndShowsNoPassword(string name)
    {
        await using var accounts = new LabAccounts(Lab.Server(name));
        await _keyturn.StartAsync();
        var (instance, user) = await AdoptedAsync(accounts);
        var reset = await KeepAsync(instance, user, seconds: 3600);

        var discard = await _keyturn.Api.PostAsync($"{KeyturnApi.PathOf(instance, user)}/discard-old", body: null);

        discard.ShouldBe(HttpStatusCode.OK);
        discard.Body.ToJsonString().ShouldNotContain(reset["password"]!);
        (await accounts.LoginAsync(user, LabAccounts.OldPassword)).ShouldBe(Login.WrongPassword);
        (await accounts.LoginAsync(user, reset["password"]!)).ShouldBe(Login.Accepted);
        (await OldUntilAsync(instance, user)).ShouldBeNull();
    }

    [Theory]
    [MemberData(nameof(Kills))]
    public async Task Reset_KilledAtHopAndRestarted_KeepsTheOldOneAndEndsIt(string name, Hop hop)
    {
        await using var accounts = new LabAccounts(Lab.Server(name));
        await _keyturn.StartAsync();
        var (instance, user) = await AdoptedAsync(accounts);
        await _keyturn.KillAsync();
        await _keyturn.StartAsync(hop.ToString());
        var reset = KeepAsync(instance, user, seconds: 3600);
        await _keyturn.UntilPausedAsync(hop.ToString(), 1);
        await _keyturn.KillAsync();
        await Should.ThrowAsync<HttpRequestException>(reset);
        await _keyturn.StartAsync();

        (await _keyturn.Api.EndedResetsAsync(instance, user)).ShouldHaveSingleItem()["state"]!.ToString().ShouldBe("done");

        var secret = await _keyturn.Api.SecretAsync(instance, user);
        (await accounts.LoginAsync(user, secret["password"]!)).ShouldBe(Login.Accepted);
        (await accounts.LoginAsync(user, LabAccounts.OldPassword)).ShouldBe(Login.Accepted);
        (await OldUntilAsync(instance, user)).ShouldNotBeNull();
        await _keyturn.KillAsync();
        await _keyturn.StartAsync(nameof(Hop.Set));
        var discard = _keyturn.Api.PostAsync($"{KeyturnApi.PathOf(instance, user)}/discard-old", body: null);
        await _keyturn.UntilPausedAsync(nameof(Hop.Set), hop == Hop.Set ? 2 : 1);
        await _keyturn.KillAsync();
        await Should.ThrowAsync<HttpRequestException>(discard);
        await _keyturn.StartAsync();
        (await _keyturn.Api.EndedResetsAsync(instance, user))[0]["state"]!.ToString().ShouldBe("done");
        (await accounts.LoginAsync(user, LabAccounts.OldPassword)).ShouldBe(Login.WrongPassword);
        (await accounts.LoginAsync(user, secret["password"]!)).ShouldBe(Login.Accepted);
        (await OldUntilAsync(instance, user)).ShouldBeNull();
    }

    [Fact]
    public async Task Reset_KeepOldForOnPostgreSql_IsRefusedAndChangesNothing()
    {
        await using var accounts = new LabAccounts(Lab.Server("postgresql-15"));
        await _keyturn.StartAsync();
        var (instance, user) = await AdoptedAsync(accounts);

        (await KeepAsync(instance, user, seconds: 60)).ShouldBeRefused(HttpStatusCode.FailedDependency, "unsupported");

        (await accounts.LoginAsync(user, LabAccounts.OldPassword)).ShouldBe(Login.Accepted);
        (await _keyturn.Api.EndedResetsAsync(instance, user)).ShouldBeEmpty();
    }

    private async Task<(string Instance, string User)> AdoptedAsync(LabAccounts accounts)
    {
        var instance = await _keyturn.Api.RegisterAsync(accounts.Server);
        var user = await accounts.CreateAsync();
        (await _keyturn.Api.AdoptAsync(instance, user, LabAccounts.OldPassword)).ShouldBe(HttpStatusCode.OK);
        return (instance, user);
    }

    private Task<ApiAnswer> KeepAsync(string instance, string user, int seconds) =>
        _keyturn.Api.PostAsync($"{KeyturnApi.PathOf(instance, user)}/reset", new JsonObject { ["keep_old_for_seconds"] = seconds });

    private async Task<string?> OldUntilAsync(string instance, string user) => (await _keyturn.Api.GetAsync(KeyturnApi.PathOf(instance, user)))["old_password_until"];

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
