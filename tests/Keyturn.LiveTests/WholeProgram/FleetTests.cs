using System.Net;
using System.Text;

namespace Keyturn.LiveTests.WholeProgram;

/// <summary>A fleet of three kinds of real servers, taken over from one file by the real program: nothing of it changes a password.</summary>
public sealed class FleetTests : IAsyncLifetime
{
    private const int Done = 0;
    private const int Refused = 2;
    private const int Differs = 5;

    private static readonly string[] Servers = ["postgresql-15", "mariadb-10.11", "redis-7"];
    private readonly Dictionary<string, LabAccounts> _accounts = [];
    private KeyturnProcess _keyturn = null!;

    public async ValueTask InitializeAsync()
    {
        foreach (var server in Servers)
        {
            _accounts[server] = new LabAccounts(Lab.Server(server));
        }

        _keyturn = await KeyturnProcess.CreateAsync();
        await _keyturn.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var accounts in _accounts.Values)
        {
            await accounts.DisposeAsync();
        }

        await (_keyturn?.DisposeAsync() ?? ValueTask.CompletedTask);
    }

    [Fact]
    public async Task Fleet_FromAFile_IsTakenOverVerifiedAndNeverChanged()
    {
        var users = new Dictionary<string, (string App, string Other)>();
        foreach (var (server, accounts) in _accounts)
        {
            users[server] = (await accounts.CreateAsync(), await accounts.CreateAsync());
        }

        var before = await VerifiersAsync(users);
        await WriteAsync(users);

        // From nothing to a fleet, and from there to nothing to do, whatever the order of its members.
        (await RunAsync("apply", "--dry-run", "-f", File)).ShouldBe(Differs, _keyturn.Output);
        (await _keyturn.Api.GetAsync("/api/v1/instances")).Body["instances"]!.AsArray().ShouldBeEmpty();
        (await RunAsync("apply", "--yes", "-f", File)).ShouldBe(Done, _keyturn.Output);
        foreach (var server in Servers)
        {
            // They are Keyturn's now.
            System.IO.File.Delete(PasswordFile(server));
        }

        (await RunAsync("apply", "-f", File)).ShouldBe(Done, _keyturn.Output);
        await ExportAsync();
        (await RunAsync("apply", "--dry-run", "-f", _keyturn.InFolder("export.yaml"))).ShouldBe(Done, await System.IO.File.ReadAllTextAsync(_keyturn.InFolder("export.yaml")));

        // Imported, without a password; adopted from a list, one of them with a wrong password.
        (await RunAsync("account", "import", "postgresql-15", users["postgresql-15"].Other)).ShouldBe(Done, _keyturn.Output);
        (await AdoptAsync("postgresql-15", $"{users["postgresql-15"].App},{LabAccounts.OldPassword}\n")).ShouldBe(Done, _keyturn.Output);
        (await AdoptAsync("mariadb-10.11", $"{users["mariadb-10.11"].Other},wrong\n{users["mariadb-10.11"].App},{LabAccounts.OldPassword}\n")).ShouldBe(Refused);
        (await AdoptAsync("redis-7", $"nobody-at-all,x\n{users["redis-7"].App},{LabAccounts.OldPassword}\n{users["redis-7"].Other},{LabAccounts.OldPassword}\n")).ShouldBe(Refused);
        (await RunAsync("verify", "--all")).ShouldBe(Done, _keyturn.Output);
        _keyturn.Output.ShouldContain("7 accounts: 7 verified");

        (await VerifiersAsync(users)).ShouldBe(before);
        await ShouldHaveChangedNothingAsync();

        // Somebody changes one behind Keyturn's back.
        var (drifted, _) = users["mariadb-10.11"];
        await _accounts["mariadb-10.11"].ExecuteAsync(OutsideStatement.SetPassword("mariadb", drifted, "Changed-behind-1"));
        (await RunAsync("verify", "--all")).ShouldBe(Refused);
        _keyturn.Output.ShouldContain($"drifted: {drifted} on mariadb-10.11");
        _keyturn.Output.ShouldContain("7 accounts: 6 verified, 1 drifted, 0 without a verdict");
        _keyturn.Output.ShouldNotContain(LabAccounts.OldPassword);
    }

    private string File => _keyturn.InFolder("fleet.yaml");

    private string PasswordFile(string server) => _keyturn.InFolder($"{server}.pw");

    private async Task WriteAsync(Dictionary<string, (string App, string Other)> users)
    {
        var fleet = new StringBuilder("# One section for all of them.\ninstances:\n");
        foreach (var (server, accounts) in _accounts)
        {
            await System.IO.File.WriteAllTextAsync(PasswordFile(server), accounts.Server.Admin.Password);
            fleet.AppendLine($$"""
                - name: {{server}}
                  engine: {{accounts.Server.Engine}}
                  nodes: [{host: {{accounts.Server.Host}}, port: {{accounts.Server.Port}}}]
                  tls: {{(fleet.ToString().Contains("&tls", StringComparison.Ordinal) ? "*tls" : $"&tls {{ca_file: {Lab.CaFile}}}")}}
                  admin: {user: {{accounts.Server.Admin.User}}, password_file: {{server}}.pw}
                  password_policy: {min_length: 16}
                  tags: {team: fleet}
                  is_clone: true
                  accounts: [{user: {{users[server].App}}, every: 30d}]
                """);
        }

        await System.IO.File.WriteAllTextAsync(File, fleet.ToString());
    }

    private async Task ExportAsync()
    {
        var before = _keyturn.Output.Length;
        (await RunAsync("instance", "export")).ShouldBe(Done);
        await System.IO.File.WriteAllTextAsync(_keyturn.InFolder("export.yaml"), _keyturn.Output[(before + 1)..]);
    }

    private async Task<int> AdoptAsync(string instance, string list)
    {
        var path = _keyturn.InFolder("list.csv");
        await System.IO.File.WriteAllTextAsync(path, list);
        if (!OperatingSystem.IsWindows())
        {
            System.IO.File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        return await RunAsync("account", "adopt", instance, "--from", path);
    }

    private async Task<Dictionary<string, string>> VerifiersAsync(Dictionary<string, (string App, string Other)> users)
    {
        var verifiers = new Dictionary<string, string>();
        foreach (var (server, (app, other)) in users)
        {
            foreach (var user in new[] { app, other, _accounts[server].Server.Admin.User })
            {
                verifiers[$"{server}/{user}"] = await _accounts[server].VerifierOfAsync(user);
            }
        }

        verifiers.Values.ShouldAllBe(verifier => verifier.Length > 20);
        return verifiers;
    }

    /// <summary>By the audit log: whatever was asked for, no reset was, and no account was made or dropped.</summary>
    private async Task ShouldHaveChangedNothingAsync()
    {
        var audit = await _keyturn.Api.GetAsync("/api/v1/audit?limit=1000");
        audit.ShouldBe(HttpStatusCode.OK);
        audit.Body["entries"]!.AsArray().Select(entry => $"{entry!["action"]}").Distinct().Order(StringComparer.Ordinal).ShouldBe(
            ["account.adopt", "account.import", "account.schedule", "account.verify", "instance.register", "project.add"]);
        (await _keyturn.Api.GetAsync("/api/v1/resets")).Body["resets"]!.AsArray().ShouldBeEmpty();
    }

    private Task<int> RunAsync(string command, params string[] arguments) =>
        _keyturn.RunAsync(command, [.. arguments, "--server", _keyturn.Address.ToString(), "--token-file", _keyturn.InFolder("token")]);
}
