namespace Keyturn.Cli.Tests.Commands;

public sealed class AccountCommandTests
{
    [Fact]
    public async Task List_Accounts_AreATableOfOneLineEach()
    {
        var accounts = new[]
        {
            new { name = "app@%", method = "caching_sha2_password", held = true, proof = "login", is_admin = false, remarks = Array.Empty<string>() },
            new { name = "root@localhost", method = "caching_sha2_password", held = false, proof = "login", is_admin = true, remarks = new[] { "locked" } },
        };
        await using var server = await StubServer.AnsweringAsync(new { accounts });

        var run = await CommandRun.AgainstAsync(server, "account", "list", "orders");

        var lines = run.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        lines.Length.ShouldBe(3);
        lines[1].ShouldContain("app@%");
        lines[2].ShouldContain("administrator; locked");
    }

    [Fact]
    public async Task Create_AllOptions_AreSent()
    {
        await using var server = await StubServer.AnsweringAsync(Answers.Reset(), 201);

        var run = await CommandRun.AgainstAsync(server, "given\n",
            ["account", "create", "orders", "app@%", "--password-stdin", "--auth-plugin", "mysql_native_password", "--proof", "none", "--idempotency-key", "key-1"]);

        run.ExitCode.ShouldBe(ExitCode.Done, run.Error);
        var request = server.Requests.Single();
        request.Target.ShouldBe("/api/v1/instances/orders/accounts");
        request.Body.ShouldBe("""{"user":"app","host":"%","password":"given","auth_plugin":"mysql_native_password","proof":"none","reveal":false}""");
        request.Headers["Idempotency-Key"].ToString().ShouldBe("key-1");
    }

    [Theory]
    [InlineData("90s", 90)]
    [InlineData("1h", 3600)]
    [InlineData("2d", 172800)]
    public async Task Reset_KeepOldFor_IsSentInSeconds(string time, int seconds)
    {
        await using var server = await StubServer.AnsweringAsync(Answers.Reset());

        var run = await CommandRun.AgainstAsync(server, "account", "reset", "orders", "app", "--keep-old-for", time);

        run.ExitCode.ShouldBe(ExitCode.Done, run.Error);
        server.Requests.Single().Body.ShouldBe($$"""{"keep_old_for_seconds":{{seconds}},"reveal":false}""");
    }

    [Theory]
    [InlineData("1")]
    [InlineData("h")]
    [InlineData("-1h")]
    public async Task Reset_KeepOldForNoTime_IsAUsageErrorAndSendsNothing(string time)
    {
        await using var server = await StubServer.AnsweringAsync(Answers.Reset());

        var run = await CommandRun.AgainstAsync(server, "account", "reset", "orders", "app", $"--keep-old-for={time}");

        run.ExitCode.ShouldBe(ExitCode.Usage);
        server.Requests.ShouldBeEmpty();
    }

    [Fact]
    public async Task Reset_EndSessions_IsSentAndWhatBecameOfThemIsShown()
    {
        var answer = new { reset = new { id = "0199aaaa-0000-7000-8000-000000000001", state = "done" }, sessions = new { is_complete = true, nodes = new[] { new { address = "db:5432", old = 3, ended = 3 } } } };
        await using var server = await StubServer.AnsweringAsync(answer);

        var run = await CommandRun.AgainstAsync(server, "account", "reset", "orders", "app", "--end-sessions");

        run.ExitCode.ShouldBe(ExitCode.Done, run.Error);
        server.Requests.Single().Body.ShouldBe("""{"end_sessions":true,"reveal":false}""");
        run.Out.ShouldContain("db:5432");
    }

    [Fact]
    public async Task DiscardOld_Account_IsPosted()
    {
        await using var server = await StubServer.AnsweringAsync(Answers.Reset(password: null));

        var run = await CommandRun.AgainstAsync(server, "account", "discard-old", "orders", "app@%");

        run.ExitCode.ShouldBe(ExitCode.Done, run.Error);
        (server.Requests.Single().Method, server.Requests.Single().Target).ShouldBe(("POST", "/api/v1/instances/orders/accounts/app/discard-old?host=%25"));
    }

    [Theory]
    [InlineData("sessions", "GET", true, 0)]
    [InlineData("sessions", "GET", false, 3)]
    [InlineData("end-sessions", "POST", true, 0)]
    public async Task Sessions_Nodes_AreATableAndMissingOnesAnExitCode(string name, string method, bool isComplete, int code)
    {
        var nodes = new[] { new { address = "db:5432", old = 3, unclear = 0, @new = 2, ended = 3 } };
        await using var server = await StubServer.AnsweringAsync(new { reset_id = "0199aaaa-0000-7000-8000-000000000001", is_complete = isComplete, nodes });

        var run = await CommandRun.AgainstAsync(server, "account", name, "orders", "app");

        ((int)run.ExitCode).ShouldBe(code, run.Error);
        (server.Requests.Single().Method, server.Requests.Single().Target).ShouldBe((method, $"/api/v1/instances/orders/accounts/app/{name}"));
        run.Out.ShouldContain("db:5432");
    }

    [Fact]
    public async Task Reset_WaitForReplicas_IsSentAndWhatTheyShowIsTold()
    {
        var replicas = new[] { new { address = "h2:5432", accepts = false, cause = "timed-out", detail = "h2:5432 still has another password." } };
        await using var server = await StubServer.AnsweringAsync(new { reset = new { state = "done" }, replicas });

        var run = await CommandRun.AgainstAsync(server, "account", "reset", "orders", "app", "--wait-for-replicas", "2.5");

        run.ExitCode.ShouldBe(ExitCode.Done, run.Error);
        server.Requests.Single().Body.ShouldBe("""{"wait_for_replicas_seconds":2.5,"reveal":false}""");
        run.Out.ShouldMatch("h2:5432 +no +timed-out");
    }

    [Fact]
    public async Task Inspect_Account_ShowsTheMissingGrant()
    {
        await using var server = await StubServer.AnsweringAsync(new { exists = true, may_change_password = false, missing_grants = new[] { new { capability = "reset", statements = new[] { "GRANT app TO keyturn WITH ADMIN TRUE, INHERIT FALSE, SET FALSE; -- a line that no terminal is wide enough for" } } }, rows = new[] { new { name = "app" } } });

        var run = await CommandRun.AgainstAsync(server, "account", "inspect", "orders", "app");

        run.Out.ShouldContain("missing for reset:\n    GRANT app TO keyturn WITH ADMIN TRUE, INHERIT FALSE, SET FALSE; -- a line that no terminal is wide enough for\n");
    }

    [Fact]
    public async Task Change_Proof_IsSent()
    {
        await using var server = await StubServer.AnsweringAsync(new { });

        var run = await CommandRun.AgainstAsync(server, "account", "change", "orders", "app", "--proof", "readback");

        run.ExitCode.ShouldBe(ExitCode.Done, run.Error);
        server.Requests.Single().Method.ShouldBe("PATCH");
        server.Requests.Single().Body.ShouldBe("""{"proof":"readback"}""");
    }

    [Fact]
    public async Task Schedule_Every_IsSentAsDays()
    {
        await using var server = await StubServer.AnsweringAsync(new { scheduled = true, every_days = 30, due_at = "2026-12-21T10:00:00Z", next_attempt_at = "2026-12-21T10:00:00Z", failed_attempts = 0 });

        var run = await CommandRun.AgainstAsync(server, "account", "schedule", "orders", "app@%", "--every", "30d");

        run.ExitCode.ShouldBe(ExitCode.Done, run.Error);
        server.Requests.Single().Method.ShouldBe("PUT");
        server.Requests.Single().Target.ShouldBe("/api/v1/instances/orders/accounts/app/schedule?host=%25");
        server.Requests.Single().Body.ShouldBe("""{"every_days":30}""");
        run.Out.ShouldContain("2026-12-21T10:00:00Z");
        run.Out.ShouldNotContain("next attempt");
    }

    [Theory]
    [InlineData("--off", "DELETE")]
    [InlineData("--show", "GET")]
    public async Task Schedule_OffAndShow_AreTheApisVerbs(string option, string verb)
    {
        await using var server = await StubServer.AnsweringAsync(new { scheduled = false });

        var run = await CommandRun.AgainstAsync(server, "account", "schedule", "orders", "app", option);

        run.ExitCode.ShouldBe(ExitCode.Done, run.Error);
        server.Requests.Single().Method.ShouldBe(verb);
        run.Out.ShouldContain("rotated by hand only");
    }

    [Fact]
    public async Task Schedule_Failed_SaysWhyAndWhenItIsTriedAgain()
    {
        var failure = new { at = "2026-12-21T10:00:05Z", cause = "unreachable", detail = "Nobody answers.", next_step = "Check that the server runs." };
        await using var server = await StubServer.AnsweringAsync(
            new { scheduled = true, every_days = 30, due_at = "2026-12-21T10:00:00Z", next_attempt_at = "2026-12-21T10:04:00Z", failed_attempts = 2, last_failure = failure });

        var run = await CommandRun.AgainstAsync(server, "account", "schedule", "orders", "app");

        run.Out.ShouldContain("2026-12-21T10:04:00Z");
        run.Out.ShouldContain("Nobody answers.");
        run.Out.ShouldContain("Check that the server runs.");
    }

    [Theory]
    [InlineData("--every", "30")]
    [InlineData("--every", "-3d")]
    [InlineData("--every", "1.5d")]
    [InlineData("--every", "30d", "--off")]
    public async Task Schedule_NotUnderstood_IsAUsageError(params string[] options)
    {
        await using var server = await StubServer.AnsweringAsync(new { });

        var run = await CommandRun.AgainstAsync(server, ["account", "schedule", "orders", "app", .. options]);

        run.ExitCode.ShouldBe(ExitCode.Usage);
        server.Requests.ShouldBeEmpty();
    }

    [Fact]
    public async Task Reveal_Candidates_AreShownWithTheirState()
    {
        var candidates = new[] { new { version = 2, state = "pending", password = "new" }, new { version = 1, state = "current", password = "old" } };
        await using var server = await StubServer.AnsweringAsync(new { candidates });

        var run = await CommandRun.AgainstAsync(server, "account", "reveal", "orders", "app@%", "--candidates", "--show");

        server.Requests.Single().Target.ShouldBe("/api/v1/instances/orders/accounts/app/secret?host=%25&candidates=true");
        run.Out.ShouldBe("pending\t2\tnew\ncurrent\t1\told\n");
    }

    [Fact]
    public async Task ResetList_Filters_AreTheQuery()
    {
        await using var server = await StubServer.AnsweringAsync(new { resets = Array.Empty<object>() });

        await CommandRun.AgainstAsync(server, "reset", "list", "--instance", "orders", "--account", "a&b", "--host", "%", "--limit", "5");

        server.Requests.Single().Target.ShouldBe("/api/v1/resets?instance=orders&account=a%26b&host=%25&limit=5");
    }
}
