using System.Diagnostics;

namespace Keyturn.Cli.Tests.Commands;

public sealed class CompletionCommandTests
{
    [Theory]
    [InlineData("keyturn acc", "account")]
    [InlineData("keyturn account re", "reset")]
    [InlineData("keyturn account reset --pass", "--password-stdin")]
    [InlineData("keyturn instance add x --engine ", "valkey")]
    [InlineData("keyturn status --output ", "json")]
    [InlineData("keyturn serve --log-format ", "json")]
    [InlineData("keyturn pr", "principal")]
    [InlineData("keyturn principal credential ", "revoke")]
    [InlineData("keyturn principal credential add x --kind ", "access-key")]
    [InlineData("keyturn project change --", "--region")]
    [InlineData("keyturn ap", "apply")]
    [InlineData("keyturn apply --d", "--dry-run")]
    [InlineData("keyturn verify --", "--all")]
    [InlineData("keyturn instance ex", "export")]
    [InlineData("keyturn account adopt orders --fr", "--from")]
    public async Task Suggest_LineAsFarAsTyped_NamesWhatMayFollow(string line, string expected)
    {
        var run = await CommandRun.RunAsync([$"[suggest:{line.Length}]", line]);

        run.Out.Split('\n').ShouldContain(expected);
    }

    [Fact]
    public async Task Suggest_NoPosition_IsAWrongCommandLine()
    {
        (await CommandRun.RunAsync(["[suggest]", "keyturn acc"])).ExitCode.ShouldBe(ExitCode.Usage);
    }

    [Fact]
    public async Task Completion_Bash_CompletesInARealShell()
    {
        Assert.SkipUnless(File.Exists("/bin/bash"), "there is no bash");
        using var folder = new TemporaryFolder();
        var script = (await CommandRun.RunAsync(["completion", "bash"])).Out;
        await File.WriteAllTextAsync(folder["check.sh"], $$"""
            keyturn() { printf '%s\n' "$1|$2" >&2; echo reset; echo reveal; echo list; }
            {{script}}
            COMP_LINE='/usr/bin/keyturn account re' COMP_POINT=27 COMP_WORDS=(keyturn account re) COMP_CWORD=2
            _keyturn
            echo "${COMPREPLY[*]}"
            """);

        var (output, error) = await BashAsync(folder["check.sh"]);

        output.Trim().ShouldBe("reset reveal");
        error.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("zsh", "compdef")]
    [InlineData("fish", "complete -c keyturn")]
    public async Task Completion_OtherShells_PrintsTheirScript(string shell, string word)
    {
        var run = await CommandRun.RunAsync(["completion", shell]);

        run.ExitCode.ShouldBe(ExitCode.Done);
        run.Out.ShouldContain(word);
    }

    private static async Task<(string Out, string Error)> BashAsync(string script)
    {
        using var bash = Process.Start(new ProcessStartInfo("/bin/bash", [script]) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true })!;
        var output = bash.StandardOutput.ReadToEndAsync();
        var error = await bash.StandardError.ReadToEndAsync();
        return (await output, error);
    }
}
