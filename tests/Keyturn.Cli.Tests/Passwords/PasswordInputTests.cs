using System.CommandLine;
using Keyturn.Cli.Passwords;

namespace Keyturn.Cli.Tests.Passwords;

public sealed class PasswordInputTests
{
    [Theory]
    [InlineData("pass word", "pass word")]
    [InlineData("pass word\n", "pass word")]
    [InlineData("pass word\r\n", "pass word")]
    [InlineData("two\n\n", "two\n")]
    [InlineData(" \"'\\%@🔑 ", " \"'\\%@🔑 ")]
    public async Task Check_PasswordFromStandardInput_IsSentWithoutOneLineEnd(string input, string sent)
    {
        await using var server = await StubServer.AnsweringAsync(new { verdict = "accepted" });

        await CommandRun.AgainstAsync(server, input, ["account", "check", "orders", "app", "--password-stdin"]);

        server.Requests.Single().Json.GetProperty("password").GetString().ShouldBe(sent);
    }

    [Fact]
    public async Task Adopt_PasswordFromFile_IsSent()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder["password"], "from the file\n");
        await using var server = await StubServer.AnsweringAsync(new { });

        var run = await CommandRun.AgainstAsync(server, "account", "adopt", "orders", "app", "--password-file", folder["password"], "--proof", "readback");

        run.ExitCode.ShouldBe(ExitCode.Done);
        server.Requests.Single().Json.GetProperty("password").GetString().ShouldBe("from the file");
        server.Requests.Single().Json.GetProperty("proof").GetString().ShouldBe("readback");
    }

    [Theory]
    [InlineData("check")]
    [InlineData("adopt")]
    public async Task PasswordNeeded_NobodyToAsk_ExitsUsageAndSendsNothing(string command)
    {
        await using var server = await StubServer.AnsweringAsync(new { });

        var run = await CommandRun.AgainstAsync(server, "account", command, "orders", "app");

        run.ExitCode.ShouldBe(ExitCode.Usage);
        run.Error.ShouldContain("--password-stdin");
        server.Requests.ShouldBeEmpty();
    }

    [Fact]
    public async Task Check_EmptyInput_ExitsUsage()
    {
        await using var server = await StubServer.AnsweringAsync(new { });

        var run = await CommandRun.AgainstAsync(server, "\n", ["account", "check", "orders", "app", "--password-stdin"]);

        run.ExitCode.ShouldBe(ExitCode.Usage);
        server.Requests.ShouldBeEmpty();
    }

    [Fact]
    public async Task Check_InputWithoutEnd_ExitsUsage()
    {
        await using var server = await StubServer.AnsweringAsync(new { });

        var run = await CommandRun.AgainstAsync(server, new string('x', 64 * 1024), ["account", "check", "orders", "app", "--password-stdin"]);

        run.ExitCode.ShouldBe(ExitCode.Usage);
    }

    [Fact]
    public async Task Check_TwoSources_ExitsUsage()
    {
        var run = await CommandRun.RunAsync(["account", "check", "orders", "app", "--password-stdin", "--password-file", "x"]);

        run.ExitCode.ShouldBe(ExitCode.Usage);
        run.Error.ShouldContain("not both");
    }

    [Fact]
    public async Task Read_InterruptedAtATerminal_EndsAtOnce()
    {
        var input = new PasswordInput("the password");
        var command = new Command("check");
        input.AddTo(command);
        using var interrupt = new CancellationTokenSource(TimeSpan.FromMilliseconds(50));

        var read = input.ReadAsync(command.Parse("--password-stdin"), Terminal.OfProcess() with { In = new DeafStream() }, interrupt.Token);

        await Should.ThrowAsync<OperationCanceledException>(() => read.WaitAsync(TimeSpan.FromSeconds(10), TimeProvider.System));
    }

    [Fact]
    public async Task Check_Interrupted_ExitsUsageWithoutATrace()
    {
        using var error = new StringWriter();
        var terminal = Terminal.OfProcess() with { In = new InterruptedStream(), Error = error, Environment = name => name == "KEYTURN_TOKEN" ? CommandRun.Token : null };

        var code = await KeyturnCommand.RunAsync(["account", "check", "orders", "app", "--password-stdin", "--server", "https://127.0.0.1:1"], terminal);

        code.ShouldBe((int)ExitCode.Usage);
        error.ToString().ShouldBe($"keyturn: interrupted.{Environment.NewLine}");
    }

    [Fact]
    public void AllCommands_Options_TakeNoSecretAsAnArgument()
    {
        var options = OptionsOf(KeyturnCommand.Create(Terminal.OfProcess())).ToList();

        options.Count.ShouldBeGreaterThan(30);
        options.Where(option => option.ValueType != typeof(bool))
            .Select(option => option.Name)
            .ShouldNotContain(name => name.EndsWith("password") || name.EndsWith("token") || name.EndsWith("secret"));
    }

    /// <summary>Reads like a terminal at which nobody types: it has no end, and does not hear that it is to stop.</summary>
    private sealed class DeafStream : MemoryStream
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => new(new TaskCompletionSource<int>().Task);
    }

    private sealed class InterruptedStream : MemoryStream
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => throw new OperationCanceledException();
    }

    private static IEnumerable<Option> OptionsOf(Command command) => command.Options.Concat(command.Subcommands.SelectMany(OptionsOf));
}
