using System.Net;
using System.Text.Json.Nodes;
using Keyturn.Engines;

namespace Keyturn.LiveTests.WholeProgram;

/// <summary>Wrong passwords tell nothing of which accounts there are, and lock none of them.</summary>
public sealed class WrongPasswordTests(RunningKeyturn keyturn) : AccountStateTest(keyturn)
{
    /// <summary>Whoever may check is not told which accounts there are.</summary>
    [Theory]
    [MemberData(nameof(States))]
    [InlineData("postgresql-15", "ALTER ROLE {0} NOINHERIT", "")]
    [InlineData("mariadb-10.11", "ALTER USER {0}@'%' ACCOUNT UNLOCK", "")]
    [InlineData("mysql-9.7", "ALTER USER {0}@'%' ACCOUNT UNLOCK", "")]
    [InlineData("mysql-9.7", "ALTER USER {0}@'%' FAILED_LOGIN_ATTEMPTS 3 PASSWORD_LOCK_TIME 2", "")]
    [InlineData("redis-7", "ACL SETUSER {0} on", "")]
    [InlineData("valkey-9", "ACL SETUSER {0} on", "")]
    public async Task Check_WrongPassword_IsToldLikeAnAccountThatThereIsNot(string server, string statement, string state)
    {
        var (instance, user, _) = await InStateAsync(server, statement);
        var nobody = $"{user}x";

        var unknown = await CheckAsync(instance, nobody, "Not-it-4711!");
        var known = await CheckAsync(instance, user, "Not-it-4711!");

        known["verdict"].ShouldBe("wrong-password", state);
        known.Body.ToJsonString().Replace(user, "NAME", StringComparison.Ordinal).ShouldBe(unknown.Body.ToJsonString().Replace(nobody, "NAME", StringComparison.Ordinal), state);
    }

    /// <summary>One wrong password more than the account has: none of them reaches the server as a login, so that its applications go on.</summary>
    [Theory]
    [InlineData("mysql-9.7", "ALTER USER {0}@'%' FAILED_LOGIN_ATTEMPTS 1 PASSWORD_LOCK_TIME UNBOUNDED")]
    [InlineData("mysql-9.7", "ALTER USER {0}@'%' FAILED_LOGIN_ATTEMPTS 3 PASSWORD_LOCK_TIME 2")]
    public async Task CheckAndAdopt_WrongPasswordsWouldLockTheAccount_LeaveItAlone(string server, string statement)
    {
        var (instance, user, accounts) = await InStateAsync(server, statement);
        (await Api.GetAsync(KeyturnApi.PathOf(instance, user))).Body["rows"]![0]!["remarks"]!.ToJsonString().ShouldContain("wrong passwords lock it");

        for (var i = 0; i < 2; i++)
        {
            var wrong = await CheckAsync(instance, user, "Not-it-4711!");
            (wrong["accepted"], wrong["verdict"], wrong["cause"]).ShouldBe(("false", "wrong-password", "wrong-password"), wrong.Body.ToJsonString());
        }

        (await CheckAsync(instance, user, "Not-it-4711!", host: "nowhere.example"))["verdict"].ShouldBe("wrong-password", "a login names no host");
        (await Api.AdoptAsync(instance, user, "Not-it-4711!")).ShouldBeRefused(HttpStatusCode.FailedDependency, "wrong-password");

        (await CheckAsync(instance, user, LabAccounts.OldPassword))["accepted"].ShouldBe("true");
        (await accounts.LoginAsync(user, LabAccounts.OldPassword)).ShouldBe(Login.Accepted);
        (await Api.ResetAsync(instance, user)).ShouldBe(HttpStatusCode.OK);

        // Drift is told by the verifier too.
        await accounts.ExecuteAsync($"ALTER USER {user}@'%' IDENTIFIED BY 'Another-4711!'");
        (await Api.PostAsync($"{KeyturnApi.PathOf(instance, user)}/verify", body: null))["verdict"].ShouldBe("drifted");
        (await accounts.LoginAsync(user, "Another-4711!")).ShouldBe(Login.Accepted);
    }

    /// <summary>What failed logins have blocked a new password does not end: it would be in force, and could not be proved by a login.</summary>
    [Fact]
    public async Task Reset_BlockedByFailedLogins_IsRefusedUnchangedAndProvedByTheVerifierOnRequest()
    {
        var (instance, user, accounts) = await InStateAsync("mysql-9.7", "ALTER USER {0}@'%' FAILED_LOGIN_ATTEMPTS 2 PASSWORD_LOCK_TIME UNBOUNDED");
        await accounts.LoginAsync(user, "Not-it-4711!");
        await accounts.LoginAsync(user, "Not-it-4712!");
        var blocked = await CheckAsync(instance, user, LabAccounts.OldPassword);
        (blocked["verdict"], blocked["cause"]).ShouldBe(("no-verdict", "account-locked"));

        (await Api.ResetAsync(instance, user)).ShouldBeRefused(HttpStatusCode.FailedDependency, "account-locked");

        var readback = await Api.PostAsync($"{KeyturnApi.PathOf(instance, user)}/reset", new JsonObject { ["proof"] = "readback" });
        readback.ShouldBe(HttpStatusCode.OK);
        await accounts.ExecuteAsync($"ALTER USER {user}@'%' ACCOUNT UNLOCK");
        (await accounts.LoginAsync(user, readback["password"]!)).ShouldBe(Login.Accepted);
    }
}
