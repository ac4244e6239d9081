using System.Diagnostics;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Keyturn.Engines;
using Keyturn.Engines.MySql;
using Keyturn.LiveTests.MySql;
using Keyturn.Wire.MySql;

namespace Keyturn.LiveTests.WholeProgram;

/// <summary>
/// An instance of peers: two MariaDB heads with the Spider engine, as a middleware has them. Each keeps accounts of its own; a reset is one of both
/// heads, or of none, and leaves the login that the heads reach their data nodes with alone.
/// </summary>
public sealed class SpiderTests : IAsyncLifetime
{
    private const string Old = LabAccounts.OldPassword;
    private readonly MySqlLab[] _heads = [new("spider-head1", new MariaDbEngine(TimeProvider.System)), new("spider-head2", new MariaDbEngine(TimeProvider.System))];
    private readonly LabLogin _admin = new(LabAccounts.NewUser(), "Admin-1-canary");
    private readonly string _user = LabAccounts.NewUser();
    private KeyturnProcess? _keyturn;

    private KeyturnProcess Keyturn => _keyturn!;

    /// <summary>On both heads: an account that may read through them, and one admin login.</summary>
    public async ValueTask InitializeAsync()
    {
        foreach (var head in _heads)
        {
            await head.SqlAsync(
                [$"CREATE USER {_user}@'%' IDENTIFIED BY '{Old}'", $"GRANT SELECT ON app.* TO {_user}@'%'", .. OutsideStatement.CreateAdmin("mariadb", _admin)]);
            head.Later($"DROP USER {_user}@'%'");
            head.Later($"DROP USER {_admin.User}@'%'");
        }

        _keyturn = await KeyturnProcess.CreateAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await (_keyturn?.DisposeAsync() ?? ValueTask.CompletedTask);
        foreach (var head in _heads)
        {
            await head.DisposeAsync();
        }
    }

    [Fact]
    public async Task Reset_TwoHeads_ChangesAndProvesBothAndLeavesTheirLinksAlone()
    {
        await Keyturn.StartAsync();
        var links = await LinksAsync();
        var instance = await RegisterAsync();

        var reset = await Keyturn.Api.ResetAsync(instance, _user);

        reset.ShouldBe(HttpStatusCode.OK);
        reset.Body["reset"]!["nodes"]!.AsArray().Select(node => node!["address"]!.ToString()).ShouldBe(_heads.Select(AddressOf));
        reset.Body["reset"]!["nodes"]!.AsArray().ShouldAllBe(node => node!["step"]!.ToString() == "proved");
        await ShouldBeInForceAsync(reset["password"]!);
        (await LinksAsync()).ShouldBe(links);
    }

    [Fact]
    public async Task Reset_SecondHeadIsDown_IsRefusedAndTheFirstUnchanged()
    {
        await Keyturn.StartAsync();
        string instance;
        await using (var way = new StallingProxy(new DnsEndPoint(_heads[1].Server.Host, _heads[1].Server.Port)))
        {
            instance = await RegisterAsync(way.Port);
        }

        var reset = await Keyturn.Api.ResetAsync(instance, _user);

        reset.ShouldBeRefused(HttpStatusCode.FailedDependency, "unreachable");
        await ShouldBeInForceAsync(Old);
        (await Keyturn.Api.SecretAsync(instance, _user)).ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Reset_SecondHeadDiesOnItsChange_IsUndecidedUntilItIsBackAndThenDone()
    {
        await Keyturn.StartAsync();
        var instance = await RegisterAsync();
        await using var locker = await _heads[1].OpenAsync();
        (await locker.QueryAsync("FLUSH TABLES WITH READ LOCK", QueryLimits.Few, _heads[1].Cancel)).Error.ShouldBeNull();

        var reset = Keyturn.Api.ResetAsync(instance, _user);
        await UntilChangedAsync(_heads[0]);
        await RestartAsync("spider-head2", async () =>
        {
            (await reset).ShouldBe(HttpStatusCode.Accepted);
            (await reset).Body["reset"]!["state"]!.ToString().ShouldBe("undecided");
            (await Keyturn.Api.SecretAsync(instance, _user)).ShouldBe(HttpStatusCode.Conflict);
        });

        var ended = (await Keyturn.Api.EndedResetsAsync(instance, _user)).ShouldHaveSingleItem();
        ended["state"]!.ToString().ShouldBe("done", ended.ToJsonString());
        ended["nodes"]!.AsArray().ShouldAllBe(node => node!["step"]!.ToString() == "proved");
        await ShouldBeInForceAsync((await Keyturn.Api.SecretAsync(instance, _user))["password"]!);
    }

    [Fact]
    public async Task Reset_KilledWhenTheFirstHeadIsChanged_RollsBothForward()
    {
        await Keyturn.StartAsync(pauseAt: "Set");
        var instance = await RegisterAsync();

        var reset = Keyturn.Api.ResetAsync(instance, _user);
        await Keyturn.UntilPausedAsync("Set", count: 1);
        (await _heads[0].LoginAsync(_user, Old)).Login.ShouldBe(Login.WrongPassword);
        (await _heads[1].LoginAsync(_user, Old)).Login.ShouldBe(Login.Accepted);
        await Keyturn.KillAsync();
        await Should.ThrowAsync<HttpRequestException>(reset);
        await Keyturn.StartAsync();

        (await Keyturn.Api.EndedResetsAsync(instance, _user)).ShouldHaveSingleItem()["state"]!.ToString().ShouldBe("done");
        await ShouldBeInForceAsync((await Keyturn.Api.SecretAsync(instance, _user))["password"]!);
    }

    [Fact]
    public async Task Reset_OfTheAdminLogin_ChangesBothAndKeepsWorking()
    {
        await Keyturn.StartAsync();
        var instance = await RegisterAsync();

        var reset = await Keyturn.Api.ResetAsync(instance, _admin.User);

        reset.ShouldBe(HttpStatusCode.OK);
        foreach (var head in _heads)
        {
            (await head.LoginAsync(_admin.User, reset["password"]!)).Login.ShouldBe(Login.Accepted);
            (await head.LoginAsync(_admin.User, _admin.Password)).Login.ShouldBe(Login.WrongPassword);
        }

        (await Keyturn.Api.ResetAsync(instance, _user)).ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Look_HeadsThatDiffer_IsShown()
    {
        await Keyturn.StartAsync();
        var instance = await RegisterAsync();
        await _heads[1].SqlAsync($"ALTER USER {_user}@'%' IDENTIFIED BY 'Changed-behind-2'");
        var onlyThere = _heads[1].NewUser();
        await _heads[1].SqlAsync($"CREATE USER {onlyThere}@'%' IDENTIFIED BY '{Old}'");

        var check = await Keyturn.Api.PostAsync($"{KeyturnApi.PathOf(instance, _user)}/check", new JsonObject { ["password"] = Old });
        var accounts = await Keyturn.Api.GetAsync($"/api/v1/instances/{instance}/accounts");
        var reset = await Keyturn.Api.ResetAsync(instance, onlyThere);

        check.ShouldBe(HttpStatusCode.OK);
        ((bool)check.Body["accepted"]!).ShouldBeFalse();
        check["detail"]!.ShouldStartWith(AddressOf(_heads[1]));
        check["detail"]!.ShouldEndWith($"Accepted by {AddressOf(_heads[0])}.");
        var line = accounts.Body["accounts"]!.AsArray().Single(account => account!["user"]!.ToString() == onlyThere)!;
        line["remarks"]!.AsArray().Select(remark => remark!.ToString()).ShouldContain($"{AddressOf(_heads[0])} has no such account.");
        reset["detail"]!.ShouldStartWith(AddressOf(_heads[0]));
    }

    /// <summary>As a client of DDM's does it, which signs in first; Terraform sends the same request again after a 409.</summary>
    [Fact]
    public async Task Reset_ThroughDdmsDoorWhileTheSecondHeadDies_IsBusyAndTheSameRequestThenDone()
    {
        const string Wished = "Vt5qLw-e8Xn2";
        await Keyturn.StartAsync();
        var instance = await Keyturn.Api.GetAsync($"/api/v1/instances/{await RegisterAsync()}");
        using var client = await SignInAsync();
        var path = $"instances/{Guid.Parse(instance["id"]!):N}in09/users/{_user}/password";
        await using var locker = await _heads[1].OpenAsync();
        (await locker.QueryAsync("FLUSH TABLES WITH READ LOCK", QueryLimits.Few, _heads[1].Cancel)).Error.ShouldBeNull();

        var first = client.PostAsync(path, PasswordBody(Wished));
        await UntilChangedAsync(_heads[0]);
        await RestartAsync("spider-head2", async () =>
        {
            using var busy = await first;
            busy.StatusCode.ShouldBe(HttpStatusCode.Conflict);
            JsonNode.Parse(await busy.Content.ReadAsStringAsync())!["errCode"]!.ToString().ShouldBe("DBS.200019");
        });
        using var again = await client.PostAsync(path, PasswordBody(Wished));

        (await again.Content.ReadAsStringAsync()).ShouldBe("{}");
        again.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await Keyturn.Api.EndedResetsAsync(instance["name"]!, _user)).ShouldHaveSingleItem();
        await ShouldBeInForceAsync(Wished);
    }

    [Fact]
    public async Task Register_HeadOfAnotherInstance_IsRefusedWithItsName()
    {
        await Keyturn.StartAsync();
        var pair = await RegisterAsync(isClone: false);

        var alone = await Keyturn.Api.TryRegisterAsync(_heads[1].Server, new JsonObject { ["is_clone"] = false });

        alone.ShouldBe(HttpStatusCode.Conflict);
        alone["detail"]!.ShouldContain(pair);
    }

    private async Task ShouldBeInForceAsync(string password)
    {
        foreach (var head in _heads)
        {
            (await head.LoginAsync(_user, password)).Login.ShouldBe(Login.Accepted);
            (await head.LoginAsync(_user, password == Old ? "another" : Old)).Login.ShouldBe(Login.WrongPassword);
            await ShouldReachTheDataAsync(head, password);
        }
    }

    /// <summary>Through the head: its login at the data nodes is good.</summary>
    private async Task ShouldReachTheDataAsync(MySqlLab head, string password)
    {
        await using var connection = await head.OpenAsync(new LabLogin(_user, password));
        (await connection.QueryAsync("SELECT count(*) FROM app.orders", QueryLimits.Few, head.Cancel)).Error.ShouldBeNull();
    }

    private async Task<IReadOnlyList<string?>> LinksAsync()
    {
        var links = new List<string?>();
        foreach (var head in _heads)
        {
            links.AddRange((await head.SqlAsync("SELECT CONCAT_WS(' ', Server_name, Username, Password) AS link FROM mysql.servers ORDER BY 1")).Select(row => row["link"]));
        }

        links.Count.ShouldBe(4);
        return links;
    }

    private async Task UntilChangedAsync(MySqlLab head)
    {
        while ((await head.LoginAsync(_user, Old)).Login != Login.WrongPassword)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, head.Cancel);
        }
    }

    /// <summary>SIGKILL, and the lab starts it again.</summary>
    private static async Task RestartAsync(string server, Func<Task> whileDown)
    {
        using (var killed = Process.GetProcessById(int.Parse(await File.ReadAllTextAsync(Lab.Server(server).PidFile))))
        {
            killed.Kill();
            await killed.WaitForExitAsync();
        }

        try
        {
            await whileDown();
        }
        finally
        {
            await Lab.StartAsync(server);
        }
    }

    private static StringContent PasswordBody(string password) => new(new JsonObject { ["password"] = password }.ToJsonString(), Encoding.UTF8, "application/json");

    /// <summary>A client of DDM's version 3, in the project of the token that the program was set up with.</summary>
    private async Task<HttpClient> SignInAsync()
    {
        var project = await Keyturn.Api.GetAsync("/api/v1/project");
        var principal = (await Keyturn.Api.GetAsync("/api/v1/principals")).Body["principals"]![0]!;
        var issued = await Keyturn.Api.PostAsync($"/api/v1/principals/{principal["name"]}/credentials", new JsonObject { ["kind"] = "password" });
        issued.ShouldBe(HttpStatusCode.Created);
        var projectId = Guid.Parse(project["id"]!).ToString("N");
        var body = new JsonObject
        {
            ["auth"] = new JsonObject
            {
                ["identity"] = new JsonObject
                {
                    ["methods"] = new JsonArray("password"),
                    ["password"] = new JsonObject { ["user"] = new JsonObject { ["id"] = Guid.Parse(principal["id"]!.ToString()).ToString("N"), ["password"] = issued["secret"] } },
                },
                ["scope"] = new JsonObject { ["project"] = new JsonObject { ["id"] = projectId } },
            },
        };
        var client = new HttpClient { BaseAddress = new Uri(Keyturn.Address, $"/v3/{projectId}/") };
        using var token = await client.PostAsync(new Uri(Keyturn.Address, "/v3/auth/tokens"), new StringContent(body.ToJsonString()));
        token.StatusCode.ShouldBe(HttpStatusCode.Created);
        client.DefaultRequestHeaders.Add("X-Auth-Token", token.Headers.GetValues("X-Subject-Token"));
        return client;
    }

    private static string AddressOf(MySqlLab head) => $"{head.Server.Host}:{head.Server.Port}";

    private Task<string> RegisterAsync(int? portOfTheSecond = null, bool isClone = true)
    {
        var ports = new[] { _heads[0].Server.Port, portOfTheSecond ?? _heads[1].Server.Port };
        return Keyturn.Api.RegisterAsync(_heads[0].Server, new JsonObject
        {
            ["nodes"] = new JsonArray([.. ports.Select(port => new JsonObject { ["host"] = _heads[0].Server.Host, ["port"] = port, ["role"] = "peer" })]),
            ["admin"] = KeyturnApi.Login(_admin),
            ["is_clone"] = isClone,
        });
    }
}
