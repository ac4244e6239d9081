using System.Diagnostics;
using Keyturn.Engines;
using Keyturn.Instances;

namespace Keyturn.LiveTests.PostgreSql;

/// <summary>A pooler in between: recognised, and no witness of what the server holds.</summary>
public sealed class PgBouncerTests : IAsyncDisposable
{
    private const string NewPassword = "New-3 canary";
    private readonly PostgreSqlLab _server = new(Lab.Server("postgresql-15"));
    private readonly PostgreSqlLab _pooler = new(Lab.Server("pgbouncer-15"));

    [Fact]
    public async Task Connect_Pooler_IsSeenThrough()
    {
        await using var server = await _server.ConnectAsync();
        await using var pooler = await _pooler.ConnectAsync();

        pooler.Server.IsPooler.ShouldBeTrue();
        pooler.Server.Remarks.ShouldContain(remark => remark.Contains("pooler"));
        pooler.Server.Identity.ShouldBe(server.Server.Identity);
    }

    /// <summary>Whoever only passes bytes on, at another port and another host's name, is none.</summary>
    [Fact]
    public async Task Connect_PortForwarding_IsNoPooler()
    {
        var lab = Lab.Server("postgresql-15");
        await using var forwarding = new StallingProxy(new System.Net.DnsEndPoint(lab.Host, lab.Port));

        var answer = await PostgreSqlLab.Engine.ConnectAsync(Lab.Target(lab, port: forwarding.Port), lab.Admin.Credential, CancellationToken.None);

        await using var session = answer.Value.ShouldNotBeNull();
        session.Server.IsPooler.ShouldBeFalse();
    }

    [Fact]
    public async Task Login_ThroughPoolerAfterAChange_SpeaksOfThePoolersFileNotOfTheServer()
    {
        var role = await _server.CreateRoleAsync();
        await RememberAsync(role);
        (await _pooler.LoginAsync(role)).ShouldBe(Login.Accepted);
        await using var admin = await _server.ConnectAsync();

        (await PostgreSqlLab.SetAsync(admin, role, NewPassword)).ShouldBeApplied();

        (await _server.LoginAsync(role, NewPassword)).ShouldBe(Login.Accepted);
        (await _pooler.LoginAsync(role)).ShouldBe(Login.Accepted);
        var refused = await _pooler.LoginAsync(role, NewPassword);
        refused.ShouldBe(Login.NoVerdict);
        refused.Failure!.Detail.ShouldContain("SASL authentication failed");
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    // As an operator does it: the server's verifier into the pooler's file, then a reload.
    private async Task RememberAsync(AccountName role)
    {
        var verifier = await _server.ReadAsync($"SELECT rolpassword FROM pg_authid WHERE rolname = '{role}'");
        await File.AppendAllTextAsync(_pooler.Server.AuthFile, $"\"{role}\" \"{verifier}\"\n");
        using var reload = Process.Start("kill", ["-HUP", (await File.ReadAllTextAsync(_pooler.Server.PidFile)).Trim()]);
        await reload.WaitForExitAsync();
        reload.ExitCode.ShouldBe(0);
        for (var i = 0; i < 100 && (await _pooler.LoginAsync(role)).Login != Login.Accepted; i++)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System);
        }
    }
}
