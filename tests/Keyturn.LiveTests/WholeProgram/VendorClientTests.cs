using System.Net;
using System.Text.Json.Nodes;

namespace Keyturn.LiveTests.WholeProgram;

/// <summary>
/// After a reset the vendors' own clients are let in with the new password and refused with the old one, whatever names and passwords
/// are made of.
/// </summary>
public sealed class VendorClientTests(RunningKeyturn keyturn) : IClassFixture<RunningKeyturn>, IAsyncDisposable
{
    private readonly List<LabAccounts> _accounts = [];

    /// <summary>Servers, and the length of the longest name of each; Redis has no limit, so that there it is Keyturn's.</summary>
    private static readonly (string Name, int LongestName)[] Servers =
        [("postgresql-15", 63), ("mariadb-10.11", 128), ("mysql-9.7", 32), ("redis-7", 1024), ("valkey-9", 1024)];

    private static readonly string[] Hostile = ["'", "\"", "\\", "%", "@", "\U0001F511", "a'\"\\%@`;--"];

    public static TheoryData<string, string> Passwords { get; } =
    [
        .. from server in Servers
           from password in (string[])[.. Hostile.Select(text => $"Aa1-{text}-Zz9"), "p", new('Q', 64), "x'\"\\%@ \U0001F511".PadRight(64, '7')]
           select (server.Name, password),
    ];

    public static TheoryData<string, string> Names { get; } =
    [
        .. from server in Servers
           from name in (string[])[.. Hostile.Select(text => $"kv{text}z"), "v", "v".PadRight(server.LongestName, 'k')]
           where CanBeName(server.Name, name)
           select (server.Name, name),
    ];

    public static TheoryData<string> ServerNames { get; } = [.. Servers.Select(server => server.Name)];

    [Theory]
    [MemberData(nameof(Passwords))]
    public async Task Reset_HostilePassword_VendorsClientIsLetInWithItOnly(string server, string password) =>
        await ShouldBeResetAsync(Of(server), LabAccounts.NewUser(), password);

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Reset_HostileName_VendorsClientIsLetInWithTheNewPasswordOnly(string server, string name) =>
        await ShouldBeResetAsync(Of(server), name, "New-2 canary");

    [Theory]
    [MemberData(nameof(ServerNames))]
    public async Task Reset_NulInPassword_IsRefusedClearly(string server)
    {
        var accounts = Of(server);
        var user = LabAccounts.NewUser();
        await CreateAsync(accounts, user);
        var instance = await RegisterAsync(accounts);

        var answer = await keyturn.Api.ResetAsync(instance, user, "New-2\0canary");

        answer.ShouldBe(HttpStatusCode.UnprocessableEntity);
        answer["detail"].ShouldNotBeNull().ShouldContain("NUL");
        (await VendorClient.LogInAsync(accounts.Server, user, LabAccounts.OldPassword)).IsLetIn.ShouldBeTrue();
    }

    [Theory]
    [MemberData(nameof(ServerNames))]
    public async Task Create_NulInName_IsRefusedClearly(string server)
    {
        var instance = await RegisterAsync(Of(server));

        var answer = await keyturn.Api.PostAsync($"/api/v1/instances/{instance}/accounts", new JsonObject { ["user"] = "a\0b" });

        answer.ShouldBeRefused(HttpStatusCode.UnprocessableEntity, "invalid-name");
        answer["detail"].ShouldNotBeNull().ShouldContain("NUL");
        // In a path it does not come so far.
        (await keyturn.Api.ResetAsync(instance, "a\0b")).ShouldBe(HttpStatusCode.BadRequest);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var accounts in _accounts)
        {
            await accounts.DisposeAsync();
        }
    }

    private static bool CanBeName(string server, string name) => server switch
    {
        // Their catalogues are utf8mb3.
        "mariadb-10.11" or "mysql-9.7" => !name.Any(char.IsSurrogate),
        _ => true,
    };

    private LabAccounts Of(string server)
    {
        var accounts = new LabAccounts(Lab.Server(server));
        _accounts.Add(accounts);
        return accounts;
    }

    private static async Task CreateAsync(LabAccounts accounts, string user)
    {
        await accounts.CreateAsync(user);
        if (accounts.Server.Engine is "redis" or "valkey")
        {
            await accounts.ExecuteAsync($"ACL SETUSER {user} +ping");
        }
    }

    /// <summary>With a policy that lets every password through to the server.</summary>
    private Task<string> RegisterAsync(LabAccounts accounts)
    {
        var anything = new JsonObject { ["min_length"] = 1, ["min_classes"] = 0, ["refuse_weak"] = false, ["refuse_name"] = false };
        return keyturn.Api.RegisterAsync(accounts.Server, new JsonObject { ["password_policy"] = anything });
    }

    private async Task ShouldBeResetAsync(LabAccounts accounts, string user, string password)
    {
        await CreateAsync(accounts, user);
        var instance = await RegisterAsync(accounts);
        (await VendorClient.LogInAsync(accounts.Server, user, LabAccounts.OldPassword)).IsLetIn.ShouldBeTrue("before the reset");

        (await keyturn.Api.ResetAsync(instance, user, password)).ShouldBe(HttpStatusCode.OK);

        var withNew = await VendorClient.LogInAsync(accounts.Server, user, password);
        withNew.IsLetIn.ShouldBeTrue(withNew.Said);
        (await VendorClient.LogInAsync(accounts.Server, user, LabAccounts.OldPassword)).IsLetIn.ShouldBeFalse();
        (await keyturn.Api.SecretAsync(instance, user))["password"].ShouldBe(password);
    }
}
