namespace Keyturn.Cli.Tests.Commands;

[CollectionDefinition(DisableParallelization = true)]
public sealed class AllocatedBytes;

/// <summary>What is named in place of a file may have no end: it is told, and neither waited for nor taken into memory, which is the whole process's: nothing else is running.</summary>
[Collection<AllocatedBytes>]
public sealed class InputFileTests
{
    private const string Endless = "/dev/zero";

    [Theory]
    [InlineData("status", "--ca", Endless)]
    [InlineData("status", "--token-file", Endless)]
    [InlineData("access", "policy", "add", "ops", Endless)]
    [InlineData("account", "reset", "orders", "app", "--password-file", Endless)]
    [InlineData("instance", "add", "orders", "--engine", "redis", "--node", "r:6379", "--admin", "keyturn", "--password-stdin", "--tls-ca", Endless)]
    [InlineData("instance", "change", "orders", "--password-policy", Endless)]
    [InlineData("apply", "-f", Endless)]
    public async Task File_WithoutEnd_ExitsUsage_AndAsksNobody(params string[] arguments)
    {
        await using var server = await StubServer.AnsweringAsync(new { });
        var before = GC.GetTotalAllocatedBytes();

        var run = await CommandRun.AgainstAsync(server, "a password", arguments);

        run.ExitCode.ShouldBe(ExitCode.Usage, run.Error);
        run.Error.ShouldContain(Endless);
        run.Error.Length.ShouldBeLessThan(1000, "what was read is not told");
        server.Requests.ShouldBeEmpty();
        (GC.GetTotalAllocatedBytes() - before).ShouldBeLessThan(64 << 20);
    }

    [Theory]
    [InlineData(1024 * 1024, true)]
    [InlineData(1024 * 1024 + 1, false)]
    public async Task Input_OfADocument_HasALimit(int length, bool isTaken)
    {
        await using var server = await StubServer.AnsweringAsync(new { name = "ops", document = new { Version = "5.0" } }, 201);

        var run = await CommandRun.AgainstAsync(server, "{}".PadRight(length), ["access", "policy", "add", "ops", "-"]);

        run.ExitCode.ShouldBe(isTaken ? ExitCode.Done : ExitCode.Usage, run.Error);
        server.Requests.Count.ShouldBe(isTaken ? 1 : 0);
    }

    /// <summary>Heads of many years are longer than any other file.</summary>
    [Fact]
    public async Task File_LongerThanTheFirstRead_IsReadWhole()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder["policy.json"], $$"""{"Version":"{{new string('5', 300_000)}}"}""");
        await using var server = await StubServer.AnsweringAsync(new { name = "ops", document = new { Version = "5.0" } }, 201);

        (await CommandRun.AgainstAsync(server, "access", "policy", "add", "ops", folder["policy.json"])).ExitCode.ShouldBe(ExitCode.Done);

        server.Requests.Single().Body.Length.ShouldBeGreaterThan(300_000);
    }
}
