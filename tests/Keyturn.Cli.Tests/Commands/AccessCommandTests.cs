namespace Keyturn.Cli.Tests.Commands;

public sealed class AccessCommandTests
{
    private const string Document = """{"Version":"5.0","Statement":[{"Effect":"Allow","Action":["*"]}]}""";

    [Fact]
    public async Task PolicyAdd_FromStandardInput_IsSentAndShown_WithRemarks()
    {
        var answer = new { name = "ops", document = new { Version = "5.0" }, principals = Array.Empty<string>(), groups = new[] { "dba" }, remarks = new[] { "Nothing here is called ecs:*:*." } };
        await using var server = await StubServer.AnsweringAsync(answer, 201);

        var run = await CommandRun.AgainstAsync(server, Document, ["access", "policy", "add", "ops", "-"]);

        run.ExitCode.ShouldBe(ExitCode.Done, run.Error);
        var request = server.Requests.Single();
        (request.Method, request.Target, request.Body).ShouldBe(("POST", "/api/v1/policies", $$"""{"name":"ops","document":{{Document}}}"""));
        run.Out.ShouldContain("\"Version\": \"5.0\"");
        run.Out.ShouldContain("dba");
        run.Error.ShouldContain("Nothing here is called ecs:*:*.");
    }

    [Fact]
    public async Task PolicyAdd_NoJson_ExitsUsageWithoutAsking()
    {
        await using var server = await StubServer.AnsweringAsync(new { });

        var run = await CommandRun.AgainstAsync(server, "{", ["access", "policy", "add", "ops", "-"]);

        run.ExitCode.ShouldBe(ExitCode.Usage);
        server.Requests.ShouldBeEmpty();
    }

    [Theory]
    [InlineData(new[] { "attach", "ops", "--principal", "ci" }, "PUT", "/api/v1/policies/ops/principals/ci")]
    [InlineData(new[] { "attach", "ops", "--group", "dba" }, "PUT", "/api/v1/policies/ops/groups/dba")]
    [InlineData(new[] { "detach", "ops", "--principal", "a/b" }, "DELETE", "/api/v1/policies/ops/principals/a%2Fb")]
    public async Task Attachment_GoesToTheHolder(string[] arguments, string method, string target)
    {
        await using var server = await StubServer.AnsweringAsync(new { });

        (await CommandRun.AgainstAsync(server, ["access", "policy", .. arguments])).ExitCode.ShouldBe(ExitCode.Done);

        (server.Requests.Single().Method, server.Requests.Single().Target).ShouldBe((method, target));
    }

    [Theory]
    [InlineData()]
    [InlineData("--principal", "ci", "--group", "dba")]
    public async Task Attach_NotToOneHolder_ExitsUsage(params string[] holders)
    {
        await using var server = await StubServer.AnsweringAsync(new { });

        (await CommandRun.AgainstAsync(server, ["access", "policy", "attach", "ops", .. holders])).ExitCode.ShouldBe(ExitCode.Usage);

        server.Requests.ShouldBeEmpty();
    }

    [Fact]
    public async Task Member_IsPutIntoTheGroup()
    {
        await using var server = await StubServer.AnsweringAsync(new { });

        await CommandRun.AgainstAsync(server, "access", "group", "add-member", "dba", "ci");

        (server.Requests.Single().Method, server.Requests.Single().Target).ShouldBe(("PUT", "/api/v1/groups/dba/members/ci"));
    }

    [Theory]
    [InlineData("orders", "orders")]
    [InlineData("keyturn:*:*:instance:orders:eu", "orders:eu")]
    public async Task Explain_ResourceByNameOrUrn_IsAskedForAndSaidWithItsReason(string resource, string instance)
    {
        await using var server = await StubServer.AnsweringAsync(new { allowed = false, reason = "Statement 2 of the policy ops denies it.", action = "keyturn:account:reset", policy = "ops", statement = "2" });

        var run = await CommandRun.AgainstAsync(server, "access", "explain", "--principal", "ci", "--action", "keyturn:account:reset", "--resource", resource);

        run.Out.ShouldContain("Statement 2 of the policy ops denies it.");
        server.Requests.Single().Body.ShouldBe($$"""{"principal":"ci","action":"keyturn:account:reset","instance":"{{instance}}"}""");
    }

    [Fact]
    public async Task Explain_NameOfSeveralActions_SaysEach()
    {
        await using var server = await StubServer.AnsweringAsync(new
        {
            allowed = true,
            reason = "Statement 1 of the policy ops allows it.",
            action = "keyturn:account:reset",
            provider_action = "database:update",
            also = new[] { new { allowed = false, reason = "No policy of the principal allows keyturn:account:change.", action = "keyturn:account:change", provider_action = "database:update" } },
        });

        var run = await CommandRun.AgainstAsync(server, "access", "explain", "--principal", "ci", "--action", "database:update", "--resource", "orders");

        run.Out.ShouldContain("Statement 1 of the policy ops allows it.");
        run.Out.ShouldContain("keyturn:account:change");
        run.Out.ShouldContain("No policy of the principal allows");
    }
}
