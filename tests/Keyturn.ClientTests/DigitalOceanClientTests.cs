using Keyturn.Engines;

namespace Keyturn.ClientTests;

/// <summary>DigitalOcean's TypeScript client (dots) and the community's (dots-wrapper), against real databases.</summary>
public sealed class DigitalOceanClientTests(KeyturnOverTls keyturn) : IClassFixture<KeyturnOverTls>
{
    public static TheoryData<string> Servers { get; } = ["postgresql-15", "mysql-9.7", "mariadb-10.11"];

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task Dots_ResetAuth_TheDatabaseTakesThePasswordItReturns(string server)
    {
        await using var accounts = new LabAccounts(Lab.Server(server));
        var user = await accounts.CreateAsync();
        var cluster = await keyturn.RegisterAsync(accounts.Server);

        var run = await Client.NodeAsync(keyturn.Process, "dots.mjs", "reset", cluster, user);

        run.Json["name"]!.ToString().ShouldBe(user);
        (await accounts.LoginAsync(user, run.Json["password"]!.ToString())).ShouldBe(Login.Accepted);
        (await accounts.LoginAsync(user, LabAccounts.OldPassword)).ShouldBe(Login.WrongPassword);
    }

    [Fact]
    public async Task Dots_ResetAuthWithPlugin_TheUserHasIt()
    {
        await using var accounts = new LabAccounts(Lab.Server("mysql-9.7"));
        var user = await accounts.CreateAsync();
        var cluster = await keyturn.RegisterAsync(accounts.Server);

        var run = await Client.NodeAsync(keyturn.Process, "dots.mjs", "reset", cluster, user, "caching_sha2_password");

        run.Json["mysqlSettings"]!["authPlugin"]!.ToString().ShouldBe("caching_sha2_password");
        (await accounts.LoginAsync(user, run.Json["password"]!.ToString())).ShouldBe(Login.Accepted);
    }

    [Fact]
    public async Task Dots_Reads_UnderstandClustersUsersAndErrors()
    {
        await using var accounts = new LabAccounts(Lab.Server("postgresql-15"));
        var user = await accounts.CreateAsync();
        var cluster = await keyturn.RegisterAsync(accounts.Server);

        (await Client.NodeAsync(keyturn.Process, "dots.mjs", "cluster", cluster)).Json["engine"]!.ToString().ShouldBe("pg");
        (await Client.NodeAsync(keyturn.Process, "dots.mjs", "clusters")).Json.AsArray().ShouldContain(id => id!.ToString() == cluster);
        (await Client.NodeAsync(keyturn.Process, "dots.mjs", "users", cluster)).Json.AsArray().ShouldContain(name => name!.ToString() == user);
        (await Client.NodeAsync(keyturn.Process, "dots.mjs", "reset", cluster, "nobody")).Json["id"]!.ToString().ShouldBe("not_found");
    }

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task DotsWrapper_UserFromCreationToRemoval_TheDatabaseFollows(string server)
    {
        await using var accounts = new LabAccounts(Lab.Server(server));
        var user = LabAccounts.NewUser();
        accounts.Remember(user);
        var cluster = await keyturn.RegisterAsync(accounts.Server);

        var created = await Client.NodeAsync(keyturn.Process, "dots-wrapper.mjs", "create", cluster, user);
        var password = created.Json["password"]!.ToString();
        (await accounts.LoginAsync(user, password)).ShouldBe(Login.Accepted);
        (await Client.NodeAsync(keyturn.Process, "dots-wrapper.mjs", "get", cluster, user)).Json["password"]!.ToString().ShouldBe(password);
        (await Client.NodeAsync(keyturn.Process, "dots-wrapper.mjs", "users", cluster)).Json.AsArray().ShouldContain(name => name!.ToString() == user);

        (await Client.NodeAsync(keyturn.Process, "dots-wrapper.mjs", "remove", cluster, user)).ExitCode.ShouldBe(0);
        (await accounts.LoginAsync(user, password)).ShouldNotBe(Login.Accepted);
    }
}
