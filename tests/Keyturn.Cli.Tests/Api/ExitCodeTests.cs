namespace Keyturn.Cli.Tests.Api;

public sealed class ExitCodeTests
{
    [Theory]
    [InlineData(200, "done", 0)]
    [InlineData(202, "undecided", 3)]
    [InlineData(202, "parked", 3)]
    public async Task Reset_Answered_ExitsByItsEnd(int status, string state, int code)
    {
        await using var server = await StubServer.AnsweringAsync(Answers.Reset(state), status);

        var run = await CommandRun.AgainstAsync(server, "account", "reset", "orders", "app");

        ((int)run.ExitCode).ShouldBe(code);
        run.Out.ShouldContain(state);
    }

    [Theory]
    [InlineData("engine", 424, "wrong-password", null, 2)]
    [InlineData("engine", 424, "admin-lacks-privilege", "r-1", 2)]
    [InlineData("engine", 424, "unreachable", null, 4)]
    [InlineData("engine", 424, "tls-rejected", null, 4)]
    [InlineData("busy", 409, null, "r-1", 2)]
    [InlineData("conflict", 409, null, "r-1", 3)]
    [InlineData("conflict", 409, null, null, 2)]
    [InlineData("unauthorized", 401, null, null, 2)]
    [InlineData("store-failed", 503, null, null, 2)]
    public async Task Reset_Problem_ExitsByItsMeaningAndSaysItInOneLine(string slug, int status, string? cause, string? resetId, int code)
    {
        await using var server = await StubServer.AnsweringAsync(Answers.Problem(slug, status, cause, resetId), status);

        var run = await CommandRun.AgainstAsync(server, "account", "reset", "orders", "app");

        ((int)run.ExitCode).ShouldBe(code);
        run.Out.ShouldBeEmpty();
        run.Error.Trim().Split('\n').ShouldHaveSingleItem().ShouldContain("Do the next thing.");
        run.Error.ShouldContain("request-7");
    }

    [Fact]
    public async Task Reset_ViolationThatTheDetailTells_IsNotToldTwice()
    {
        const string sentence = "A name is 1 to 64 letters.";
        var problem = new { type = "urn:keyturn:problem:invalid-request", detail = sentence, violations = new[] { new { rule = "name", sentence } } };
        await using var server = await StubServer.AnsweringAsync(problem, 422);

        var run = await CommandRun.AgainstAsync(server, "short", ["account", "reset", "orders", "app", "--password-stdin"]);

        run.Error.Trim().ShouldBe($"keyturn: {sentence}");
    }

    [Fact]
    public async Task Reset_Violations_AreAllNamed()
    {
        var problem = new { type = "urn:keyturn:problem:password-policy", detail = "No.", violations = new[] { new { rule = "length", sentence = "Too short." }, new { rule = "weak", sentence = "Too weak." } } };
        await using var server = await StubServer.AnsweringAsync(problem, 422);

        var run = await CommandRun.AgainstAsync(server, "short", ["account", "reset", "orders", "app", "--password-stdin"]);

        run.ExitCode.ShouldBe(ExitCode.Refused);
        run.Error.ShouldContain("length: Too short. weak: Too weak.");
    }

    [Theory]
    [InlineData("accepted", 0)]
    [InlineData("wrong-password", 2)]
    [InlineData("refused", 2)]
    [InlineData("not-checked", 3)]
    [InlineData("no-verdict", 3)]
    [InlineData("unreachable", 4)]
    public async Task Check_Verdict_IsTheExitCode(string verdict, int code)
    {
        await using var server = await StubServer.AnsweringAsync(new { accepted = verdict == "accepted", verdict });

        var run = await CommandRun.AgainstAsync(server, "a password", ["account", "check", "orders", "app", "--password-stdin"]);

        ((int)run.ExitCode).ShouldBe(code);
    }

    [Theory]
    [InlineData("verified", 0)]
    [InlineData("restored", 0)]
    [InlineData("drifted", 2)]
    [InlineData("undecided", 3)]
    public async Task Verify_Verdict_IsTheExitCode(string verdict, int code)
    {
        await using var server = await StubServer.AnsweringAsync(new { verdict });

        var run = await CommandRun.AgainstAsync(server, "account", "verify", "orders", "app");

        ((int)run.ExitCode).ShouldBe(code);
    }

    [Theory]
    [InlineData("done", 0)]
    [InlineData("failed", 2)]
    [InlineData("prepared", 3)]
    [InlineData("undecided", 3)]
    [InlineData("parked", 3)]
    public async Task ResetShow_State_IsTheExitCode(string state, int code)
    {
        await using var server = await StubServer.AnsweringAsync(Answers.Reset(state));

        var run = await CommandRun.AgainstAsync(server, "reset", "show", "0199aaaa-0000-7000-8000-000000000001");

        ((int)run.ExitCode).ShouldBe(code);
        run.Out.ShouldContain("prepare");
    }

    [Fact]
    public async Task Inspect_OneNodeUnreachable_ExitsUnreachable()
    {
        var nodes = new object[] { new { address = "a:1", ok = true }, new { address = "b:1", ok = false, error = new { cause = "unreachable", detail = "refused" } } };
        await using var server = await StubServer.AnsweringAsync(new { nodes });

        var run = await CommandRun.AgainstAsync(server, "instance", "inspect", "orders");

        run.ExitCode.ShouldBe(ExitCode.Unreachable);
        run.Out.ShouldContain("refused");
    }

    [Theory]
    [InlineData("account", "reset", "orders")]
    [InlineData("account", "nonsense")]
    [InlineData("nonsense")]
    [InlineData("instance", "add", "orders", "--engine", "oracle")]
    public async Task AnyCommand_NotUnderstood_ExitsUsageAndNamesTheHelp(params string[] arguments)
    {
        var run = await CommandRun.RunAsync(arguments);

        run.ExitCode.ShouldBe(ExitCode.Usage);
        run.Out.ShouldBeEmpty();
        run.Error.ShouldContain("--help");
    }
}
