using System.Net;
using System.Text.Json.Nodes;
using Keyturn.Engines;

namespace Keyturn.LiveTests.WholeProgram;

/// <summary>
/// An account that cannot log in although its password is right: a check tells that from a wrong password, inspection says what stands in the
/// way and what to do, and a reset is refused unchanged or proved by the verifier.
/// </summary>
public sealed class AccountStateTests(RunningKeyturn keyturn) : AccountStateTest(keyturn)
{
    [Theory]
    [MemberData(nameof(States))]
    public async Task Check_RightPassword_IsToldFromAWrongOne(string server, string statement, string state)
    {
        var (instance, user, _) = await InStateAsync(server, statement);

        var right = await CheckAsync(instance, user, LabAccounts.OldPassword);
        var wrong = await CheckAsync(instance, user, "Not-it-4711!");

        (right["accepted"], right["verdict"], right["cause"]).ShouldBe(("false", "refused", state), right.Body.ToJsonString());
        right["next_step"].ShouldNotBeNullOrEmpty();
        (await Api.AdoptAsync(instance, user, LabAccounts.OldPassword)).ShouldBeRefused(HttpStatusCode.FailedDependency, state);
        (wrong["verdict"], wrong["cause"]).ShouldBe(("wrong-password", "wrong-password"), wrong.Body.ToJsonString());
    }

    [Theory]
    [MemberData(nameof(States))]
    public async Task Inspect_Account_SaysWhatStandsInTheWayAndWhatToDo(string server, string statement, string state)
    {
        var (instance, user, _) = await InStateAsync(server, statement);

        var row = (await Api.GetAsync(KeyturnApi.PathOf(instance, user))).Body["rows"]![0]!;

        row["login_obstacle"]!.ToString().ShouldBe(state);
        row["next_step"]!.ToString().ShouldNotBeNullOrEmpty();
    }

    [Theory]
    [MemberData(nameof(States))]
    public async Task Reset_Account_IsRefusedUnchangedAndProvedByTheVerifierOnRequest(string server, string statement, string state)
    {
        var (instance, user, accounts) = await InStateAsync(server, statement);

        (await Api.ResetAsync(instance, user)).ShouldBeRefused(HttpStatusCode.FailedDependency, state);
        (await CheckAsync(instance, user, LabAccounts.OldPassword))["cause"].ShouldBe(state);

        var reset = await Api.PostAsync($"{KeyturnApi.PathOf(instance, user)}/reset", new JsonObject { ["proof"] = "readback" });
        reset.ShouldBe(HttpStatusCode.OK);
        reset.Body["reset"]!["nodes"]![0]!["proof"]!.ToString().ShouldBe("readback");
        (await CheckAsync(instance, user, reset["password"]!))["cause"].ShouldBe(state);
        (await CheckAsync(instance, user, LabAccounts.OldPassword))["cause"].ShouldBe("wrong-password");
        (await Api.PostAsync($"{KeyturnApi.PathOf(instance, user)}/verify", body: null))["verdict"].ShouldBe("verified");
        (await accounts.LoginAsync(user, reset["password"]!)).ShouldNotBe(Login.Accepted);
    }

    /// <summary>An expired password is told apart, and is no obstacle: the new one ends it.</summary>
    [Theory]
    [InlineData("mariadb-10.11")]
    [InlineData("mysql-9.7")]
    public async Task Reset_ExpiredPassword_RenewsIt(string server)
    {
        var (instance, user, accounts) = await InStateAsync(server, "ALTER USER {0}@'%' PASSWORD EXPIRE");
        (await CheckAsync(instance, user, LabAccounts.OldPassword))["cause"].ShouldBe("account-expired");
        (await CheckAsync(instance, user, "Not-it-4711!"))["cause"].ShouldBe("wrong-password");
        (await Api.GetAsync(KeyturnApi.PathOf(instance, user))).Body["rows"]![0]!["remarks"]!.ToJsonString().ShouldContain("expired");

        var reset = await Api.ResetAsync(instance, user);

        reset.ShouldBe(HttpStatusCode.OK);
        (await accounts.LoginAsync(user, reset["password"]!)).ShouldBe(Login.Accepted);
    }

    /// <summary>PostgreSQL has the same words for the right password and a wrong one, and shows its verifiers to superusers only.</summary>
    [Fact]
    public async Task Check_ExpiredRoleWhoseVerifierMayNotBeRead_IsNoVerdict()
    {
        var accounts = Of("postgresql-15");
        var user = await accounts.CreateAsync();
        await accounts.ExecuteAsync($"ALTER ROLE {user} VALID UNTIL '2020-01-01'");
        var instance = await Api.RegisterAsync(accounts.Server);

        var check = await CheckAsync(instance, user, LabAccounts.OldPassword);

        (check["verdict"], check["cause"]).ShouldBe(("no-verdict", "account-expired"));
    }

    /// <summary>Without TLS both servers refuse the right password of an account that requires it as a wrong one.</summary>
    [Fact]
    public async Task Check_WithoutTlsThatTheAccountRequires_IsToldFromAWrongPassword()
    {
        var accounts = Of("mariadb-10.11");
        var user = await accounts.CreateAsync();
        await accounts.ExecuteAsync($"ALTER USER {user}@'%' REQUIRE SSL");
        var instance = await Api.RegisterAsync(accounts.Server, new JsonObject { ["tls"] = new JsonObject { ["mode"] = "disable" } });

        (await CheckAsync(instance, user, LabAccounts.OldPassword))["cause"].ShouldBe("tls-required");
        (await CheckAsync(instance, user, "Not-it-4711!"))["cause"].ShouldBe("wrong-password");
        (await Api.ResetAsync(instance, user)).ShouldBeRefused(HttpStatusCode.FailedDependency, "tls-required");
    }

    /// <summary>The row that we come in by is locked, the other is not: all of them are changed, and the answer says by what that is shown.</summary>
    [Theory]
    [InlineData("mariadb-10.11")]
    [InlineData("mysql-9.7")]
    public async Task Reset_OneRowOfTwoIsLocked_IsProvedByTheVerifiers(string server)
    {
        var accounts = Of(server);
        var user = await accounts.CreateAsync();
        try
        {
            await accounts.ExecuteAsync($"CREATE USER {user}@'127.0.0.1' IDENTIFIED BY '{LabAccounts.OldPassword}' ACCOUNT LOCK");
            var instance = await Api.RegisterAsync(accounts.Server);

            var reset = await Api.ResetAsync(instance, user);

            reset.ShouldBe(HttpStatusCode.OK);
            reset.Body["reset"]!["nodes"]![0]!["proof"]!.ToString().ShouldBe("readback");
        }
        finally
        {
            await accounts.ExecuteAsync($"DROP USER IF EXISTS {user}@'127.0.0.1'");
        }
    }

    [Theory]
    [InlineData("postgresql-15", "pg_monitor")]
    [InlineData("mariadb-10.11", "mariadb.sys")]
    [InlineData("mysql-9.7", "mysql.session")]
    public async Task Reset_ServersOwnAccount_IsRefused(string server, string user)
    {
        var instance = await Api.RegisterAsync(Of(server).Server);

        (await Api.ResetAsync(instance, user)).ShouldBe(HttpStatusCode.Forbidden);
    }
}
