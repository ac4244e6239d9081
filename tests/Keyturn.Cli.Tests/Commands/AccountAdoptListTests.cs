using Keyturn.Cli.Passwords;

namespace Keyturn.Cli.Tests.Commands;

public sealed class AccountAdoptListTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Parse_Csv_QuotesCommasAndLineEnds()
    {
        var listed = PasswordList.Parse("name,password\r\napp,simple\r\nroot@%,\"a,\"\"b\"\"\nc\"\nx, spaced \n\n");

        listed.Select(account => (account.Line, account.User, account.Host, account.Password.Reveal())).ShouldBe(
            [(2, "app", null, "simple"), (3, "root", "%", "a,\"b\"\nc"), (5, "x", null, " spaced ")]);
    }

    [Fact]
    public void Parse_JsonLines_HasAllPartsOfAName()
    {
        var listed = PasswordList.Parse("{\"user\":\"a@b\",\"password\":\"p\\n\"}\n\n{\"user\":\"m\",\"auth_database\":\"app\",\"host\":null,\"password\":\"q\"}");

        listed.Select(account => (account.Line, account.User, account.Host, account.AuthDatabase, account.Password.Reveal())).ShouldBe([(1, "a@b", null, null, "p\n"), (3, "m", null, "app", "q")]);
    }

    [Theory]
    [InlineData("app", 1)]
    [InlineData("app,hunter2,more", 1)]
    [InlineData("app,hunter2\nother,", 2)]
    [InlineData(",hunter2", 1)]
    [InlineData("app,hun\"ter2", 1)]
    [InlineData("app,\"hunter2", 1)]
    [InlineData("app,\"hunter2\"x", 1)]
    [InlineData("app,hunter2\napp,hunter2", 2)]
    [InlineData("app@A,hunter2\napp@a,hunter2", 2)]
    [InlineData("{\"user\":\"app\"}", 1)]
    [InlineData("{\"user\":\"app\",\"password\":12}", 1)]
    [InlineData("{\"user\":\"app\",\"password\":\"hunter2\",\"passwd\":\"x\"}", 1)]
    [InlineData("{\"user\":\"app\",\"password\":\"hunter2\"}\n{\"user\":\"app\",hunter2", 2)]
    [InlineData("{\"user\":\"app\",\"password\":\"hunter2\"}\n[1]", 2)]
    public void Parse_WhatIsWrong_IsToldByLineWithoutThePassword(string text, int line)
    {
        var failure = Should.Throw<CommandFailure>(() => PasswordList.Parse(text));

        failure.ExitCode.ShouldBe(ExitCode.Usage);
        failure.Message.ShouldStartWith($"line {line} of the list");
        failure.Message.ShouldNotContain("hunter2");
    }

    [Fact]
    public async Task Adopt_OneIsWrong_OthersAreAdoptedAndEachIsTriedOnce()
    {
        await using var server = await StubServer.StartAsync(async context =>
        {
            var isWrong = context.Request.Path.Value!.Contains("/b/", StringComparison.Ordinal);
            context.Response.StatusCode = isWrong ? 424 : 200;
            await Microsoft.AspNetCore.Http.HttpResponseJsonExtensions.WriteAsJsonAsync(context.Response, isWrong ? Answers.Problem("engine", 424, "wrong-password") : new { });
        });

        var run = await CommandRun.AgainstAsync(server, "a,canary-1\nb,canary-2\nc,canary-3\n", ["account", "adopt", "orders", "--from", "-"]);

        run.ExitCode.ShouldBe(ExitCode.Refused);
        run.Out.ShouldBe("adopted a\nadopted c\n2 of 3 accounts adopted\n");
        run.Error.ShouldContain("b: The detail of it. (wrong-password)");
        (run.Out + run.Error).ShouldNotContain("canary");
        server.Requests.Select(request => (request.Target, request.Body)).ShouldBe(
        [
            ("/api/v1/instances/orders/accounts/a/adopt", """{"password":"canary-1"}"""),
            ("/api/v1/instances/orders/accounts/b/adopt", """{"password":"canary-2"}"""),
            ("/api/v1/instances/orders/accounts/c/adopt", """{"password":"canary-3"}"""),
        ]);
    }

    [Fact]
    public async Task Adopt_FileThatOthersMayRead_IsNotRead()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("files have no modes there");
            return;
        }

        await using var server = await StubServer.AnsweringAsync(new { });
        await File.WriteAllTextAsync(_folder["list.csv"], "app,secret\n");
        File.SetUnixFileMode(_folder["list.csv"], UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead);

        var open = await CommandRun.AgainstAsync(server, "account", "adopt", "orders", "--from", _folder["list.csv"]);
        File.SetUnixFileMode(_folder["list.csv"], UnixFileMode.UserRead | UnixFileMode.UserWrite);
        var closed = await CommandRun.AgainstAsync(server, "account", "adopt", "orders", "--from", _folder["list.csv"]);

        open.ExitCode.ShouldBe(ExitCode.Usage);
        open.Error.ShouldContain("chmod 600");
        closed.ExitCode.ShouldBe(ExitCode.Done, closed.Error);
        server.Requests.Count.ShouldBe(1);
    }

    [Theory]
    [InlineData("account", "adopt", "orders", "app", "--from", "-")]
    [InlineData("account", "adopt", "orders", "--password-stdin", "--from", "-")]
    [InlineData("account", "adopt", "orders", "--password-stdin")]
    [InlineData("account", "import", "orders")]
    [InlineData("account", "import", "orders", "app", "--all")]
    public async Task CommandLine_Unclear_AsksNobody(params string[] arguments)
    {
        await using var server = await StubServer.AnsweringAsync(new { });

        (await CommandRun.AgainstAsync(server, "a,b", arguments)).ExitCode.ShouldBe(ExitCode.Usage);

        server.Requests.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("imported", nameof(ExitCode.Done))]
    [InlineData("held", nameof(ExitCode.Done))]
    [InlineData("importable", nameof(ExitCode.Differs))]
    [InlineData("refused", nameof(ExitCode.Refused))]
    public async Task Import_Names_AreSentAndToldOneByOne(string result, string expected)
    {
        await using var server = await StubServer.AnsweringAsync(new { accounts = new[] { new { user = "app", name = "app@%", result, reason = "Because." } } });

        var run = await CommandRun.AgainstAsync(server, "account", "import", "orders", "app@%", "other", "--dry-run");

        run.ExitCode.ToString().ShouldBe(expected);
        run.Out.ShouldContain("Because.");
        server.Requests.Single().Body.ShouldBe("""{"dry_run":true,"accounts":[{"user":"app","host":"%"},{"user":"other"}]}""");
    }
}
