namespace Keyturn.Cli.Tests.Commands;

public sealed class PrincipalCommandTests
{
    private static readonly object Principal = new { id = "p-1", name = "ci", email = "ci@example.org", created_at = "2026-11-20T10:00:00Z" };

    [Fact]
    public async Task Add_NameAndEmail_BecomeTheApisPrincipal()
    {
        await using var server = await StubServer.AnsweringAsync(Principal, 201);

        var run = await CommandRun.AgainstAsync(server, "principal", "add", "ci", "--email", "ci@example.org");

        run.ExitCode.ShouldBe(ExitCode.Done, run.Error);
        run.Out.ShouldContain("ci@example.org");
        var request = server.Requests.Single();
        (request.Method, request.Target, request.Body).ShouldBe(("POST", "/api/v1/principals", """{"name":"ci","email":"ci@example.org"}"""));
    }

    [Theory]
    [InlineData(new[] { "--name", "build" }, """{"name":"build"}""")]
    [InlineData(new[] { "--email", "" }, """{"email":null}""")]
    public async Task Change_OneThing_SendsOnlyThat(string[] options, string body)
    {
        await using var server = await StubServer.AnsweringAsync(Principal);

        await CommandRun.AgainstAsync(server, ["principal", "change", "ci", .. options]);

        (server.Requests.Single().Method, server.Requests.Single().Body).ShouldBe(("PATCH", body));
    }

    [Theory]
    [InlineData("principal", "change", "ci")]
    [InlineData("project", "change")]
    public async Task Change_Nothing_ExitsUsage(params string[] arguments)
    {
        await using var server = await StubServer.AnsweringAsync(Principal);

        (await CommandRun.AgainstAsync(server, arguments)).ExitCode.ShouldBe(ExitCode.Usage);

        server.Requests.ShouldBeEmpty();
    }

    [Fact]
    public async Task Remove_NobodyToAsk_ExitsUsageUnlessAllowed()
    {
        await using var server = await StubServer.AnsweringAsync(new { });

        var asked = await CommandRun.AgainstAsync(server, "principal", "remove", "ci");
        var allowed = await CommandRun.AgainstAsync(server, "principal", "remove", "ci", "--yes");

        asked.ExitCode.ShouldBe(ExitCode.Usage);
        allowed.ExitCode.ShouldBe(ExitCode.Done);
        (server.Requests.Single().Method, server.Requests.Single().Target).ShouldBe(("DELETE", "/api/v1/principals/ci"));
    }

    [Theory]
    [InlineData("principal", "list")]
    [InlineData("principal", "show", "ci")]
    public async Task Read_Principal_IsATable(params string[] arguments)
    {
        await using var server = await StubServer.AnsweringAsync(arguments[1] == "list" ? new { principals = new[] { Principal } } : Principal);

        var run = await CommandRun.AgainstAsync(server, arguments);

        run.ExitCode.ShouldBe(ExitCode.Done, run.Error);
        run.Out.ShouldContain("ci@example.org");
    }

    [Fact]
    public async Task Project_Change_SendsWhatIsNamed()
    {
        await using var server = await StubServer.AnsweringAsync(new { id = "1", name = "acme", region = "eu-de" });

        var run = await CommandRun.AgainstAsync(server, "project", "change", "--region", "eu-de");

        run.Out.ShouldContain("eu-de");
        (server.Requests.Single().Target, server.Requests.Single().Body).ShouldBe(("/api/v1/project", """{"region":"eu-de"}"""));
    }
}
