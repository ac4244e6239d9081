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
        await using var server = await StubServer.AnsweringAsync(new { exists = true, may_change_password = false, missing_grant = "GRANT app TO keyturn", rows = new[] { new { name = "app" } } });

        var run = await CommandRun.AgainstAsync(server, "account", "inspect", "orders", "app");

        run.Out.ShouldContain("GRANT app TO keyturn");
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
