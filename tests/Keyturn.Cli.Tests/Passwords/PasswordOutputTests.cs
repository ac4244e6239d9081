using Microsoft.AspNetCore.Http;

namespace Keyturn.Cli.Tests.Passwords;

public sealed class PasswordOutputTests
{
    [Theory]
    [InlineData("table")]
    [InlineData("json")]
    public async Task Reset_NoPlaceForThePassword_NeitherAsksForItNorShowsIt(string format)
    {
        await using var server = await StubServer.AnsweringAsync(Answers.Reset());

        var run = await CommandRun.AgainstAsync(server, "account", "reset", "orders", "app", "--output", format);

        server.Requests.Single().Json.GetProperty("reveal").GetBoolean().ShouldBeFalse();
        (run.Out + run.Error).ShouldNotContain(Answers.Password);
        (run.Out + run.Error).ShouldNotContain(CommandRun.Token);
    }

    [Theory]
    [InlineData("table")]
    [InlineData("json")]
    public async Task Reset_Show_ShowsIt(string format)
    {
        await using var server = await StubServer.AnsweringAsync(Answers.Reset());

        var run = await CommandRun.AgainstAsync(server, "account", "reset", "orders", "app", "--show", "--output", format);

        server.Requests.Single().Json.GetProperty("reveal").GetBoolean().ShouldBeTrue();
        run.Out.ShouldContain(Answers.Password);
    }

    [Fact]
    public async Task Reveal_LongPassword_IsOneLineOfItsOwn()
    {
        var password = string.Concat(Enumerable.Repeat("pass word[bold]+<>&", 40));
        await using var server = await StubServer.AnsweringAsync(new { version = 1, state = "current", password });

        var run = await CommandRun.AgainstAsync(server, "account", "reveal", "orders", "app", "--show");

        run.Out.ShouldBe(password + Environment.NewLine);
    }

    [Fact]
    public async Task Reveal_NoPlaceForThePassword_ExitsUsageAndAsksForNothing()
    {
        await using var server = await StubServer.AnsweringAsync(new { });

        var run = await CommandRun.AgainstAsync(server, "account", "reveal", "orders", "app");

        run.ExitCode.ShouldBe(ExitCode.Usage);
        server.Requests.ShouldBeEmpty();
    }

    [Fact]
    public async Task Reset_WriteTo_MakesAFileOfTheOwnersWithJustThePassword()
    {
        using var folder = new TemporaryFolder();
        await using var server = await StubServer.AnsweringAsync(Answers.Reset());

        var run = await CommandRun.AgainstAsync(server, "account", "reset", "orders", "app", "--write-to", folder["password"], "--output", "json");

        run.ExitCode.ShouldBe(ExitCode.Done);
        (run.Out + run.Error).ShouldNotContain(Answers.Password);
        (await File.ReadAllTextAsync(folder["password"])).ShouldBe(Answers.Password);
        ModeOf(folder["password"]).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        folder.Files.ShouldBe(["password"]);
    }

    [Fact]
    public async Task Reset_WriteToAFileThatIsThere_ChangesNothing()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder["password"], "precious");
        await using var server = await StubServer.AnsweringAsync(Answers.Reset());

        var run = await CommandRun.AgainstAsync(server, "account", "reset", "orders", "app", "--write-to", folder["password"]);

        run.ExitCode.ShouldBe(ExitCode.Usage);
        server.Requests.ShouldBeEmpty();
        (await File.ReadAllTextAsync(folder["password"])).ShouldBe("precious");
    }

    [Fact]
    public async Task Reset_WriteToForced_ReplacesTheFileAndItsMode()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder["password"], "precious");
        await using var server = await StubServer.AnsweringAsync(Answers.Reset());

        var run = await CommandRun.AgainstAsync(server, "account", "reset", "orders", "app", "--write-to", folder["password"], "--force");

        run.ExitCode.ShouldBe(ExitCode.Done);
        (await File.ReadAllTextAsync(folder["password"])).ShouldBe(Answers.Password);
        ModeOf(folder["password"]).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    [Fact]
    public async Task Reset_WriteToForcedButUndecided_LeavesTheFileAsItWas()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder["password"], "precious");
        await using var server = await StubServer.AnsweringAsync(Answers.Reset("undecided", password: null), 202);

        var run = await CommandRun.AgainstAsync(server, "account", "reset", "orders", "app", "--write-to", folder["password"], "--force");

        run.ExitCode.ShouldBe(ExitCode.Undecided);
        (await File.ReadAllTextAsync(folder["password"])).ShouldBe("precious");
        folder.Files.ShouldBe(["password"]);
    }

    [Fact]
    public async Task Reset_WriteToButSupersededSince_IsNotSuccess()
    {
        using var folder = new TemporaryFolder();
        await using var server = await StubServer.AnsweringAsync(Answers.Reset(password: null));

        var run = await CommandRun.AgainstAsync(server, "account", "reset", "orders", "app", "--write-to", folder["password"], "--idempotency-key", "42");

        run.ExitCode.ShouldBe(ExitCode.Undecided);
        run.Error.ShouldContain("no longer the current one");
        folder.Files.ShouldBeEmpty();
    }

    [Fact]
    public async Task Reset_FileAppearsMeanwhile_SaysThatTheResetIsDoneAndLeavesTheFile()
    {
        using var folder = new TemporaryFolder();
        await using var server = await StubServer.StartAsync(async context =>
        {
            await File.WriteAllTextAsync(folder["password"], "precious");
            await context.Response.WriteAsJsonAsync(Answers.Reset());
        });

        var run = await CommandRun.AgainstAsync(server, "account", "reset", "orders", "app", "--write-to", folder["password"]);

        run.ExitCode.ShouldBe(ExitCode.Undecided);
        run.Error.ShouldContain("the rest is done");
        (await File.ReadAllTextAsync(folder["password"])).ShouldBe("precious");
    }

    [Fact]
    public async Task Reset_WriteToAFolderThatIsNot_ExitsUsageAndSendsNothing()
    {
        using var folder = new TemporaryFolder();
        await using var server = await StubServer.AnsweringAsync(Answers.Reset());

        var run = await CommandRun.AgainstAsync(server, "account", "reset", "orders", "app", "--write-to", folder["no/such/file"]);

        run.ExitCode.ShouldBe(ExitCode.Usage);
        server.Requests.ShouldBeEmpty();
    }

    private static UnixFileMode ModeOf(string path)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no file modes");
        return OperatingSystem.IsWindows() ? default : File.GetUnixFileMode(path);
    }
}
