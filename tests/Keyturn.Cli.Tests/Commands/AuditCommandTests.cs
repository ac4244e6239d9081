using System.Text.Json;
using Keyturn.Access;
using Keyturn.Audit;
using Keyturn.Storage;
using Keyturn.Storage.Sealing;
using Microsoft.AspNetCore.Http;
using Microsoft.Data.Sqlite;

namespace Keyturn.Cli.Tests.Commands;

public sealed class AuditCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string StorePath => _folder["store.db"];

    private string KeyPath => _folder["master.key"];

    private string[] Both => ["--store", StorePath, "--master-key", KeyPath];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task List_SendsTheFilters_AndWritesATable()
    {
        await using var server = await StubServer.AnsweringAsync(new { entries = new[] { Entry(7) } });

        var run = await CommandRun.AgainstAsync(
            server, "audit", "list", "--instance", "pg", "--account", "app", "--principal", "ops", "--action", "account.reset", "--outcome", "done", "--since", "2026-01-02T03:04:05Z", "--limit", "5");

        run.ExitCode.ShouldBe(ExitCode.Done, run.Error);
        server.Requests.Single().Target.ShouldBe(
            "/api/v1/audit?instance=pg&account=app&principal=ops&action=account.reset&outcome=done&since=2026-01-02T03%3A04%3A05.0000000%2B00%3A00&limit=5");
        run.Out.ShouldContain("SEQUENCE");
        run.Out.ShouldContain("account.reset");
    }

    [Fact]
    public async Task Export_ReadsAllPages_AndWritesALineEach()
    {
        await using var server = await PagesAsync(total: 2500);

        var run = await CommandRun.AgainstAsync(server, "audit", "export", "--to", _folder["audit.jsonl"]);

        run.ExitCode.ShouldBe(ExitCode.Done, run.Error);
        var lines = await File.ReadAllLinesAsync(_folder["audit.jsonl"]);
        lines.Select(line => JsonDocument.Parse(line).RootElement.GetProperty("sequence").GetInt64()).ShouldBe(Enumerable.Range(1, 2500).Select(number => (long)number));
        server.Requests.Count.ShouldBe(3);
        (await CommandRun.AgainstAsync(server, "audit", "export", "--to", _folder["audit.jsonl"])).ExitCode.ShouldBe(ExitCode.Usage);
    }

    [Fact]
    public async Task Export_ThatFails_LeavesNoFile()
    {
        await using var server = await StubServer.AnsweringAsync(new { code = "forbidden", title = "no" }, status: 403);

        (await CommandRun.AgainstAsync(server, "audit", "export", "--to", _folder["audit.jsonl"])).ExitCode.ShouldNotBe(ExitCode.Done);

        Directory.GetFiles(Path.GetDirectoryName(_folder["audit.jsonl"])!).ShouldBeEmpty();
    }

    [Fact]
    public async Task Tail_WritesWhatIsThere_OldestFirst()
    {
        await using var server = await StubServer.AnsweringAsync(new { entries = new[] { Entry(9), Entry(8) } });

        var run = await CommandRun.AgainstAsync(server, "audit", "tail", "--no-follow", "-n", "2", "-o", "json");

        run.ExitCode.ShouldBe(ExitCode.Done, run.Error);
        run.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement.GetProperty("sequence").GetInt64()).ShouldBe([8, 9]);
        server.Requests.Single().Target.ShouldBe("/api/v1/audit?limit=2");
    }

    [Fact]
    public async Task Verify_LogAsItWasWritten_ExitsDone_AndWithHeadsThatWereKept()
    {
        await InitAsync();
        var heads = await CommandRun.RunAsync(["audit", "heads", "--store", StorePath]);
        await File.WriteAllTextAsync(_folder["heads"], heads.Out);

        var run = await CommandRun.RunAsync(["audit", "verify", .. Both, "--expect", _folder["heads"]]);

        run.ExitCode.ShouldBe(ExitCode.Done, run.Error);
        run.Out.ShouldBeEmpty();
        run.Error.ShouldContain("4 rows in 1 chains");
        run.Error.ShouldContain("Nothing was altered.");
    }

    [Fact]
    public async Task Verify_LogThatWasAltered_NamesTheRow_AndExitsRefused()
    {
        await InitAsync();
        await AlterAsync("UPDATE audit SET outcome = 'done' WHERE sequence = 3");

        var run = await CommandRun.RunAsync(["audit", "verify", .. Both]);

        run.ExitCode.ShouldBe(ExitCode.Refused);
        run.Out.ShouldContain("edited");
        run.Out.ShouldContain("row 1");
        run.Error.ShouldContain("the audit log was altered");
    }

    [Theory]
    [InlineData("not json")]
    [InlineData("{\"chain\":\"x\",\"number\":1,\"hash\":\"00\"}")]
    [InlineData("[]")]
    public async Task Verify_WithAFileThatHasNoHeads_IsUsage(string line)
    {
        await InitAsync();
        await File.WriteAllTextAsync(_folder["heads"], line);

        var run = await CommandRun.RunAsync(["audit", "verify", .. Both, "--expect", _folder["heads"]]);

        run.ExitCode.ShouldBe(ExitCode.Usage);
        run.Error.ShouldContain("line 1, is no head of a chain");
    }

    private static object Entry(long sequence) => new
    {
        sequence,
        time = "2026-01-02T03:04:05Z",
        principal = "ops",
        source = "127.0.0.1",
        request_id = "r",
        action = "account.reset",
        outcome = "done",
        account = "app",
    };

    private static Task<StubServer> PagesAsync(int total) => StubServer.StartAsync(async context =>
    {
        var (after, limit) = (int.Parse(context.Request.Query["after"]!), int.Parse(context.Request.Query["limit"]!));
        await context.Response.WriteAsJsonAsync(new { entries = Enumerable.Range(after + 1, Math.Min(limit, total - after)).Select(number => Entry(number)).ToArray() });
    });

    /// <summary>With the row of the project behind which there are three.</summary>
    private async Task InitAsync()
    {
        (await CommandRun.RunAsync(["init", .. Both])).ExitCode.ShouldBe(ExitCode.Done);
        await using var store = await OpenAsync();
        for (var i = 0; i < 3; i++)
        {
            await store.Audit.AppendAsync(new AuditEntry { Caller = Caller.Keyturn(Guid.NewGuid()), Action = $"row {i}", Outcome = "refused" }, default);
        }
    }

    private async Task AlterAsync(string statement)
    {
        await using var connection = new SqliteConnection($"Data Source={StorePath};Pooling=False");
        await connection.OpenAsync();
        await using var command = new SqliteCommand($"DROP TRIGGER audit_is_not_changed; {statement}", connection);
        await command.ExecuteNonQueryAsync();
    }

    private async Task<Store> OpenAsync() => await Store.OpenAsync(StorePath, (await MasterKeys.FindAsync(KeyPath, default))!, TimeProvider.System);
}
