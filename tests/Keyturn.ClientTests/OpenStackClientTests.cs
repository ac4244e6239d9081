using System.Net;
using System.Text.Json.Nodes;
using Keyturn.Engines;

namespace Keyturn.ClientTests;

/// <summary>Debian's keystoneauth1 and openstacksdk: sign-in, catalog, and the calls of Huawei's services with the token.</summary>
public sealed class OpenStackClientTests(KeyturnOverTls keyturn) : IClassFixture<KeyturnOverTls>, IDisposable
{
    private const string Password = "Sign-1n-as-nobody-else";
    private const string NewPassword = "Test_345612";
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("keyturn-openstack-");

    public static TheoryData<string> Servers { get; } = ["mariadb-10.11", "mysql-9.7"];

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task GaussDb_ResetOfTheMainAccount_TheDatabaseTakesThePassword(string server)
    {
        await using var accounts = new LabAccounts(Lab.Server(server));
        var user = await accounts.CreateAsync();
        var id = await RegisterAsync(accounts.Server, user);

        var run = await CallAsync(await SignInAsync(), "POST", "gaussdb-mysql", $"/instances/{id}in07/password", $$"""{"password":"{{NewPassword}}"}""");

        run.Json["status"]!.GetValue<int>().ShouldBe(200, run.Output);
        run.Json["body"]!.ToJsonString().ShouldBe("{}");
        (await accounts.LoginAsync(user, NewPassword)).ShouldBe(Login.Accepted);
        (await accounts.LoginAsync(user, LabAccounts.OldPassword)).ShouldBe(Login.WrongPassword);
    }

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task Ddm_ResetOfAnAccount_TheDatabaseTakesThePassword(string server)
    {
        await using var accounts = new LabAccounts(Lab.Server(server));
        var user = await accounts.CreateAsync();
        var id = await RegisterAsync(accounts.Server, user);

        var run = await CallAsync(await SignInAsync(), "POST", "ddmv3", $"/instances/{id}in09/users/{user}/password", $$"""{"password":"{{NewPassword}}"}""");

        run.Json["status"]!.GetValue<int>().ShouldBe(200, run.Output);
        (await accounts.LoginAsync(user, NewPassword)).ShouldBe(Login.Accepted);
    }

    [Fact]
    public async Task GaussDb_WeakPassword_IsRefusedInItsWords()
    {
        await using var accounts = new LabAccounts(Lab.Server("mariadb-10.11"));
        var id = await RegisterAsync(accounts.Server, await accounts.CreateAsync());

        var run = await CallAsync(await SignInAsync(), "POST", "gaussdb-mysql", $"/instances/{id}in07/password", """{"password":"Password_1"}""");

        run.Json["status"]!.GetValue<int>().ShouldBe(400, run.Output);
        run.Json["body"]!["error_code"]!.ToString().ShouldBe("DBS.280203");
    }

    [Fact]
    public async Task SignIn_WrongPassword_Is401()
    {
        var principal = await SignInAsync();
        await File.WriteAllTextAsync(PasswordFile, "not-the-password");

        var run = await CallAsync(principal, "GET", "gaussdb-mysql", "/instances");

        run.Json["status"]!.GetValue<int>().ShouldBe(401, run.Output);
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private string PasswordFile => Path.Combine(_folder.FullName, "password");

    private async Task<string> RegisterAsync(LabServer server, string mainAccount) =>
        (await keyturn.RegisterAsync(server, new JsonObject { ["main_account"] = mainAccount })).Replace("-", "", StringComparison.Ordinal);

    /// <summary>A principal with a password; returns its name.</summary>
    private async Task<string> SignInAsync()
    {
        var name = $"p{Guid.NewGuid():N}";
        (await keyturn.Api.PostAsync("/api/v1/principals", new JsonObject { ["name"] = name, ["owner"] = true })).ShouldBe(HttpStatusCode.Created);
        var password = await keyturn.Api.PostAsync($"/api/v1/principals/{name}/credentials", new JsonObject { ["kind"] = "password", ["password"] = Password });
        password.ShouldBe(HttpStatusCode.Created);
        await File.WriteAllTextAsync(PasswordFile, Password);
        return name;
    }

    private async Task<ClientRun> CallAsync(string principal, string verb, string service, string path, params string[] body)
    {
        var project = await keyturn.Api.GetAsync("/api/v1/project");
        return await Client.PythonAsync(
            keyturn.Process, "openstack", "keystone.py", [project["name"]!, project["region"]!, principal, PasswordFile, verb, service, path, .. body]);
    }
}
