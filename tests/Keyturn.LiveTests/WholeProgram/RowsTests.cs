using System.Net;
using Keyturn.Engines;

namespace Keyturn.LiveTests.WholeProgram;

/// <summary>A user of MySQL or MariaDB may have several rows: a reset of the user is one of all of them that authenticate by password.</summary>
public abstract class RowsTests(RunningKeyturn keyturn, string server) : IClassFixture<RunningKeyturn>, IAsyncDisposable
{
    private readonly LabAccounts _accounts = new(Lab.Server(server));
    private readonly string _user = LabAccounts.NewUser();

    [Fact]
    public async Task Reset_RowForUsAndRowForOthers_ChangesBothAndProvesByLogin()
    {
        var instance = await keyturn.Api.RegisterAsync(_accounts.Server);
        await CreateRowsAsync("%", "10.9.8.7");

        var reset = await keyturn.Api.ResetAsync(instance, _user);

        reset.ShouldBe(HttpStatusCode.OK);
        reset.Body["reset"]!["nodes"]![0]!["proof"]!.ToString().ShouldBe("login");
        reset.Body["reset"]!["events"]!.ToJsonString().ShouldContain("10.9.8.7");
        (await _accounts.LoginAsync(_user, reset["password"]!)).ShouldBe(Login.Accepted);
        (await _accounts.LoginAsync(_user, LabAccounts.OldPassword)).ShouldBe(Login.WrongPassword);
    }

    [Fact]
    public async Task Reset_RowForOthersOnly_IsProvedByTheVerifierAndSaysSo()
    {
        var instance = await keyturn.Api.RegisterAsync(_accounts.Server);
        await CreateRowsAsync("10.9.8.7");

        var reset = await keyturn.Api.ResetAsync(instance, _user);

        reset.ShouldBe(HttpStatusCode.OK);
        reset.Body["reset"]!["state"]!.ToString().ShouldBe("done");
        reset.Body["reset"]!["nodes"]![0]!["proof"]!.ToString().ShouldBe("readback");
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var host in new[] { "%", "10.9.8.7" })
        {
            await _accounts.ExecuteAsync($"DROP USER IF EXISTS '{_user}'@'{host}'");
        }

        await _accounts.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    private async Task CreateRowsAsync(params string[] hosts)
    {
        foreach (var host in hosts)
        {
            await _accounts.ExecuteAsync($"CREATE USER '{_user}'@'{host}' IDENTIFIED BY '{LabAccounts.OldPassword}'");
        }
    }
}

public sealed class MySqlRowsTests(RunningKeyturn keyturn) : RowsTests(keyturn, "mysql-9.7");

public sealed class MariaDbRowsTests(RunningKeyturn keyturn) : RowsTests(keyturn, "mariadb-10.11");
