using System.Text.Json;
using Keyturn.Cli.Tests.Fleet;

namespace Keyturn.Cli.Tests.Commands;

public sealed class VerifyCommandTests : IAsyncLifetime
{
    private FleetServer _server = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await FleetServer.StartAsync();
        _server.With("a").With("b").WithAccount("b", "z").WithAccount("a", "app").WithAccount("a", "imported", hasPassword: false).WithAccount("b", "app").WithAccount("b", "other");
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task Verify_All_AsksOnceForEachThatHasAPassword()
    {
        var run = await CommandRun.AgainstAsync(_server.Stub, "verify", "--all");

        run.ExitCode.ShouldBe(ExitCode.Done, run.Error);
        run.Out.ShouldContain("4 accounts: 4 verified, 0 drifted, 0 without a verdict");
        Verified().Order(StringComparer.Ordinal).ShouldBe(["a/app", "b/app", "b/other", "b/z"]);
    }

    [Fact]
    public async Task Verify_OneInstance_AsksForNoOther()
    {
        (await CommandRun.AgainstAsync(_server.Stub, "verify", "--instance", "a")).ExitCode.ShouldBe(ExitCode.Done);
        (await CommandRun.AgainstAsync(_server.Stub, "verify", "--instance", "none")).ExitCode.ShouldBe(ExitCode.Refused);

        Verified().ShouldBe(["a/app"]);
    }

    [Fact]
    public async Task Verify_DriftedAndNoVerdict_AreNamedAndDriftIsTheCode()
    {
        _server.Answer = (_, path) => path switch
        {
            "/instances/b/accounts/app/verify" => (200, new { verdict = "drifted", cause = "wrong-password", detail = "The password is wrong.", next_step = "Adopt it." }),
            "/instances/b/accounts/z/verify" => (424, Answers.Problem("engine", 424, "unreachable")),
            _ => null,
        };

        var run = await CommandRun.AgainstAsync(_server.Stub, "verify", "--all");
        var json = await CommandRun.AgainstAsync(_server.Stub, "verify", "--all", "-o", "json");

        (run.ExitCode, json.ExitCode).ShouldBe((ExitCode.Refused, ExitCode.Refused));
        run.Out.ShouldContain("4 accounts: 2 verified, 1 drifted, 1 without a verdict");
        run.Out.ShouldContain("The password is wrong. Adopt it.");
        run.Out.ShouldContain("keyturn account adopt");
        run.Error.ShouldContain("drifted: app on b");
        var body = JsonDocument.Parse(json.Out).RootElement;
        (body.GetProperty("verified").GetInt32(), body.GetProperty("drifted").GetInt32(), body.GetProperty("no_verdict").GetInt32()).ShouldBe((2, 1, 1));
        body.GetProperty("accounts").EnumerateArray().Single(account => account.GetProperty("verdict").GetString() == "drifted").GetProperty("name").GetString().ShouldBe("app");
    }

    [Fact]
    public async Task Verify_OnlyNoVerdict_IsUndecided()
    {
        _server.Answer = (_, path) => path == "/instances/a/accounts/app/verify" ? (200, new { verdict = "undecided", detail = "The account is locked." }) : null;

        var run = await CommandRun.AgainstAsync(_server.Stub, "verify", "--all");

        run.ExitCode.ShouldBe(ExitCode.Undecided);
        run.Out.ShouldContain("The account is locked.");
    }

    [Fact]
    public async Task Verify_ManyOnOneInstance_AreFewAtOnce()
    {
        _server.VerifyingTakes = TimeSpan.FromMilliseconds(20);
        for (var i = 0; i < 40; i++)
        {
            _server.WithAccount("a", $"u{i}");
        }

        (await CommandRun.AgainstAsync(_server.Stub, "verify", "--all", "--parallel", "100")).ExitCode.ShouldBe(ExitCode.Done);
        _server.MostAtOnce.ShouldBeInRange(2, 4);
        Verified().Count.ShouldBe(44);
        Verified().Distinct().Count().ShouldBe(44);
    }

    [Fact]
    public async Task Verify_KeyturnGoesAway_TellsWhatWasKnown()
    {
        var asked = 0;
        await using var gone = await StubServer.StartAsync(async context =>
        {
            if (context.Request.Path.Value!.EndsWith("/verify", StringComparison.Ordinal) && ++asked > 1)
            {
                context.Abort();
                return;
            }

            await Microsoft.AspNetCore.Http.HttpResponseJsonExtensions.WriteAsJsonAsync(context.Response, (object)(context.Request.Path.Value switch
            {
                "/api/v1/instances" => new { instances = _server.Instances },
                "/api/v1/accounts" => new { accounts = _server.Accounts },
                _ => new { verdict = "verified" },
            }));
        });

        var run = await CommandRun.AgainstAsync(gone, "verify", "--all", "--parallel", "1");

        run.ExitCode.ShouldBe(ExitCode.Unreachable);
        run.Out.ShouldContain("4 accounts: 1 verified, 0 drifted, 0 without a verdict, 3 not asked for");
        run.Error.ShouldContain("This is what was known by then.");
    }

    [Theory]
    [InlineData("verify")]
    [InlineData("verify", "--all", "--instance", "a")]
    [InlineData("verify", "--all", "--parallel", "0")]
    public async Task Verify_UnclearCommandLine_AsksNobody(params string[] arguments)
    {
        (await CommandRun.AgainstAsync(_server.Stub, arguments)).ExitCode.ShouldBe(ExitCode.Usage);

        _server.Stub.Requests.ShouldBeEmpty();
    }

    private List<string> Verified() =>
    [
        .. _server.Stub.Requests.Where(request => request.Target.EndsWith("/verify", StringComparison.Ordinal))
            .Select(request => request.Target.Split('/')).Select(parts => $"{parts[4]}/{parts[6]}"),
    ];
}
