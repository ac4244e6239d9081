using System.Text.Json.Nodes;
using Keyturn.Access;
using Keyturn.Engines;

namespace Keyturn.Server.Tests.Dialects.Ddm;

public sealed class DdmUsersTests : IAsyncLifetime
{
    private DdmServer _ddm = null!;

    public async ValueTask InitializeAsync() => _ddm = await DdmServer.StartAsync();

    public ValueTask DisposeAsync() => _ddm.DisposeAsync();

    [Fact]
    public async Task List_Version1_HasTheTypesThatClientsParse()
    {
        var before = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
        using var reset = await _ddm.ResetAsync();

        var list = await _ddm.GetAsync(_ddm.Users("v1"));

        var app = list["users"]![1]!;
        app["created"]!.GetValue<long>().ShouldBeGreaterThanOrEqualTo(before);
        app["password_last_changed"]!.GetValue<long>().ShouldBeGreaterThanOrEqualTo(app["created"]!.GetValue<long>());
        app.AsObject().Remove("created");
        app.AsObject().Remove("password_last_changed");
        app.ToJsonString().ShouldBe("""{"name":"app","status":"RUNNING","base_authority":[],"extend_authority":[],"databases":[]}""");
        list.AsObject().Remove("users");
        list.ToJsonString().ShouldBe("""{"page_no":1,"page_size":10,"total_record":2,"total_page":1}""");
    }

    [Fact]
    public async Task List_Version3_HasItsOwnMembers()
    {
        using var reset = await _ddm.ResetAsync();

        var list = await _ddm.GetAsync($"{_ddm.Users()}?offset=1&limit=1");

        var app = list["users"]!.AsArray().ShouldHaveSingleItem()!;
        app["created"]!.GetValue<string>().ShouldMatch(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+0000$");
        app["password_last_changed"]!.GetValue<string>().ShouldMatch(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+0000$");
        list["total"]!.GetValue<int>().ShouldBe(2);
        list["offset"]!.GetValue<int>().ShouldBe(1);
        list["limit"]!.GetValue<int>().ShouldBe(1);
    }

    [Theory]
    [InlineData("v1")]
    [InlineData("v3")]
    public async Task List_AskedLikeTerraform_EndsWithAnEmptyList(string version)
    {
        for (var i = 0; i < 23; i++)
        {
            _ddm.MySql.Passwords[$"user{i:00}"] = "x";
        }

        var names = new List<string>();
        var pages = 0;
        for (var users = await PageAsync(0); users.Count > 0; users = await PageAsync(names.Count))
        {
            names.AddRange(users);
            pages.ShouldBeLessThan(10);
            pages++;
        }

        names.Count.ShouldBe(25);
        names.ShouldBeUnique();
        pages.ShouldBe(3);

        async Task<IReadOnlyList<string>> PageAsync(int offset) =>
            [.. (await _ddm.GetAsync($"{_ddm.Users(version)}?offset={offset}"))["users"]!.AsArray().Select(user => user!["name"]!.GetValue<string>())];
    }

    [Theory]
    [InlineData("limit=0")]
    [InlineData("limit=129")]
    [InlineData("limit=ten")]
    [InlineData("offset=-1")]
    [InlineData("offset=99999999999")]
    public async Task List_NumbersOutOfRange_AreAParameterError(string query)
    {
        using var response = await _ddm.SendAsync(HttpMethod.Get, $"{_ddm.Users()}?{query}");

        await response.ShouldBeErrorAsync(400, "DBS.280001", "Parameter error. An offset is 0 or more, a limit 1 to 128.");
    }

    [Fact]
    public async Task List_DatabaseSleeps_IsNoEmptyList()
    {
        _ddm.MySql.Down = new Failure(EngineError.Unreachable, "Nothing listens.");

        using var response = await _ddm.SendAsync(HttpMethod.Get, _ddm.Users("v1"));

        ((int)response.StatusCode).ShouldBe(409);
    }

    [Theory]
    [InlineData("v1", """{"users":[{"name":"fresh","password":"Vt5qLw-e8Xn2"}]}""", """{"users":[{"name":"fresh"}]}""")]
    [InlineData("v1", """{"users":[{"name":"fresh","password":"Vt5qLw-e8Xn2","base_authority":[],"description":"","databases":[]}]}""", """{"users":[{"name":"fresh"}]}""")]
    [InlineData("v3", """{"name":"fresh","password":"Vt5qLw-e8Xn2","base_authority":[],"password_lifetime":0}""", "{}")]
    public async Task Create_OneAccount_IsMade(string version, string body, string answer)
    {
        using var response = await _ddm.SendAsync(HttpMethod.Post, _ddm.Users(version), body);

        await response.ShouldBeAsync(200, answer);
        _ddm.MySql.Passwords["fresh"].ShouldBe("Vt5qLw-e8Xn2");
    }

    [Theory]
    [InlineData("v1", """{"users":[{"name":"fresh","password":"Vt5qLw-e8Xn2","base_authority":["SELECT","CREATE"],"databases":[{"name":"shop"},{"name":"audit"}]}]}""")]
    [InlineData("v3", """{"name":"fresh","password":"Vt5qLw-e8Xn2","base_authority":["SELECT","CREATE"],"databases":[{"name":"shop"},{"name":"audit"}]}""")]
    public async Task Create_WithRights_IsMadeWithThemAndShowsThem(string version, string body)
    {
        using var response = await _ddm.SendAsync(HttpMethod.Post, _ddm.Users(version), body);

        ((int)response.StatusCode).ShouldBe(200);
        _ddm.MySql.Roles["fresh"].ShouldBe(
            [new AccountRole("SELECT", "shop"), new AccountRole("CREATE", "shop"), new AccountRole("SELECT", "audit"), new AccountRole("CREATE", "audit")]);
        var shown = (await _ddm.GetAsync(_ddm.Users(version)))["users"]!.AsArray().Single(user => user!["name"]!.GetValue<string>() == "fresh")!;
        shown["base_authority"]!.ToJsonString().ShouldBe("""["CREATE","SELECT"]""");
        shown["databases"]!.ToJsonString().ShouldBe("""[{"name":"audit"},{"name":"shop"}]""");
    }

    [Fact]
    public async Task Create_CutOffBetweenTheAccountAndItsRights_GetsThemByRecovery()
    {
        const string body = """{"name":"fresh","password":"Vt5qLw-e8Xn2","base_authority":["SELECT"],"databases":[{"name":"shop"}]}""";
        _ddm.MySql.OnChange = () =>
        {
            _ddm.MySql.Passwords["fresh"] = "Vt5qLw-e8Xn2";
            _ddm.MySql.Down = new Failure(EngineError.Unreachable, "Nothing listens.");
            return ChangeResult.Unknown(EngineError.ConnectionLost, "The connection ended.");
        };
        using var undecided = await _ddm.SendAsync(HttpMethod.Post, _ddm.Users(), body);
        (_ddm.MySql.OnChange, _ddm.MySql.Down) = (null, null);

        await Eventually.ShouldAsync(async () =>
        {
            using var repeated = await _ddm.SendAsync(HttpMethod.Post, _ddm.Users(), body);
            return (int)repeated.StatusCode == 200;
        });

        ((int)undecided.StatusCode).ShouldBe(409);
        _ddm.MySql.Roles["fresh"].ShouldBe([new AccountRole("SELECT", "shop")]);
    }

    [Fact]
    public async Task Create_WithRightsByWhoMayOnlyMakeAccounts_IsForbidden()
    {
        var (client, _) = await _ddm.SignInAsync(Scopes.TryParse(["keyturn:account:create"])!);
        using var signedIn = client;

        using var response = await _ddm.SendAsync(
            HttpMethod.Post, _ddm.Users(), """{"name":"fresh","password":"Vt5qLw-e8Xn2","base_authority":["SELECT"],"databases":[{"name":"shop"}]}""", client: client);
        using var without = await _ddm.SendAsync(HttpMethod.Post, _ddm.Users(), """{"name":"fresh","password":"Vt5qLw-e8Xn2"}""", client: client);

        await response.ShouldBeErrorAsync(403, "DBS.280015", "Resource not found or permission denied.");
        await without.ShouldBeAsync(200, "{}");
        (await _ddm.Running.RefusalsAsync()).ShouldBe(["fresh: keyturn:account:change: The credential's scopes leave keyturn:account:change out."]);
    }

    [Fact]
    public async Task Create_SeveralAccounts_MakesAll()
    {
        using var response = await _ddm.SendAsync(
            HttpMethod.Post, _ddm.Users("v1"), """{"users":[{"name":"one","password":"Vt5qLw-e8Xn2"},{"name":"two","password":"Vt5qLw-e8Xn3"}]}""");

        await response.ShouldBeAsync(200, """{"users":[{"name":"one"},{"name":"two"}]}""");
        _ddm.MySql.Passwords["one"].ShouldBe("Vt5qLw-e8Xn2");
        _ddm.MySql.Passwords["two"].ShouldBe("Vt5qLw-e8Xn3");
    }

    [Theory]
    [InlineData("""{"name":"1abc","password":"Vt5qLw-e8Xn2"}""", "DBS.300305", "Invalid DDM account name.")]
    [InlineData("""{"name":"a-b","password":"Vt5qLw-e8Xn2"}""", "DBS.300305", "Invalid DDM account name.")]
    [InlineData("""{"name":"a23456789012345678901234567890123","password":"Vt5qLw-e8Xn2"}""", "DBS.300305", "Invalid DDM account name.")]
    [InlineData("""{"name":"fresh"}""", "DBS.280001", "Parameter error. The members name and password are needed.")]
    [InlineData("""{"name":"fresh","password":"Password1"}""", "DBS.280203", "This is a weak password. Please enter a strong password.")]
    [InlineData("""{"name":"fresh","password":"Vt5qLw-e8Xn2","base_authority":["SELECT"]}""", "DBS.300309", "The account basic permissions are invalid. Name the databases that they are for: rights on all would reach the server's own.")]
    [InlineData("""{"name":"fresh","password":"Vt5qLw-e8Xn2","databases":[{"name":"shop"}]}""", "DBS.300309", "The account basic permissions are invalid. Databases go with a base_authority.")]
    [InlineData("""{"name":"fresh","password":"Vt5qLw-e8Xn2","base_authority":["SUPER"],"databases":[{"name":"shop"}]}""", "DBS.300309", "The account basic permissions are invalid. There are CREATE, DROP, ALTER, INDEX, INSERT, DELETE, UPDATE, SELECT.")]
    [InlineData("""{"name":"fresh","password":"Vt5qLw-e8Xn2","base_authority":[null],"databases":[{"name":"shop"}]}""", "DBS.300309", "The account basic permissions are invalid. There are CREATE, DROP, ALTER, INDEX, INSERT, DELETE, UPDATE, SELECT.")]
    [InlineData("""{"name":"fresh","password":"Vt5qLw-e8Xn2","base_authority":["SELECT"],"databases":[null]}""", "DBS.300309", "The account basic permissions are invalid. The name of a database has 1 to 64 printable characters.")]
    [InlineData("""{"name":"fresh","password":"Vt5qLw-e8Xn2","extend_authority":["fulltableSelect"]}""", "DBS.300310", "The account extended permissions are invalid. Keyturn grants none: leave the list empty.")]
    [InlineData("""{"name":"fresh","password":"Vt5qLw-e8Xn2","description":"of the shop"}""", "DBS.300307", "The account description is invalid. Keyturn keeps no descriptions: leave it empty.")]
    [InlineData("""{"name":"fresh","password":"Vt5qLw-e8Xn2","password_lifetime":30}""", "DBS.280001", "Parameter error. Keyturn sets no lifetime of passwords: leave password_lifetime out, or 0.")]
    public async Task Create_WhatKeyturnCannotDo_IsRefusedInBothVersions(string user, string code, string message)
    {
        using var third = await _ddm.SendAsync(HttpMethod.Post, _ddm.Users(), user);
        using var first = await _ddm.SendAsync(HttpMethod.Post, _ddm.Users("v1"), $$"""{"users":[{"name":"other","password":"Vt5qLw-e8Xn2"},{{user}}]}""");

        await third.ShouldBeErrorAsync(400, code, message);
        await first.ShouldBeErrorAsync(400, code, message);
        _ddm.MySql.Changes.ShouldBe(0);
    }

    [Theory]
    [InlineData("""{"users":[{"name":"one","password":"Vt5qLw-e8Xn2"},{"name":"one","password":"Vt5qLw-e8Xn3"}]}""", "DBS.300107", "The accounts are duplicated.")]
    [InlineData("""{"users":[{"name":"one","password":"Vt5qLw-e8Xn2"},{"name":"app","password":"Vt5qLw-e8Xn3"}]}""", "DBS.300311", "The account already exists. app")]
    [InlineData("""{"users":[]}""", "DBS.280001", "Parameter error. The member users is missing or empty.")]
    [InlineData("""{"users":[null]}""", "DBS.280001", "Parameter error. The members name and password are needed.")]
    [InlineData("""{"users":{}}""", "DBS.280001", "Parameter error. The member users has the wrong type or value, occurs twice, or the JSON breaks there.")]
    public async Task Create_SeveralOfWhichOneIsWrong_MakesNone(string body, string code, string message)
    {
        using var response = await _ddm.SendAsync(HttpMethod.Post, _ddm.Users("v1"), body);

        await response.ShouldBeErrorAsync(400, code, message);
        _ddm.MySql.Changes.ShouldBe(0);
    }

    [Fact]
    public async Task Create_SecondIsRefusedByTheDatabase_NamesTheFirst()
    {
        _ddm.MySql.OnChange = () =>
        {
            _ddm.MySql.OnChange = () => ChangeResult.Refused(EngineError.ServerError, "No.");
            return ChangeResult.Refused(EngineError.PasswordRefusedByServer, "No.");
        };
        using var none = await _ddm.SendAsync(HttpMethod.Post, _ddm.Users("v1"), """{"users":[{"name":"one","password":"Vt5qLw-e8Xn2"}]}""");
        _ddm.MySql.OnChange = null;
        _ddm.MySql.Gate = GateAsync();

        using var response = await _ddm.SendAsync(
            HttpMethod.Post, _ddm.Users("v1"), """{"users":[{"name":"one","password":"Vt5qLw-e8Xn2"},{"name":"two","password":"Vt5qLw-e8Xn3"}]}""");

        ((int)none.StatusCode).ShouldBe(400);
        await response.ShouldBeErrorAsync(
            400, "DBS.300300", $"Failed to create the account. two: Failed to create the account. No. {EngineError.ServerError.NextStep()} Made before it: one.");

        // The first change passes the gate; by then the second is refused.
        async Task GateAsync()
        {
            await Task.Yield();
            while (_ddm.MySql.Changes < 2)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System);
            }

            _ddm.MySql.OnChange = () => ChangeResult.Refused(EngineError.ServerError, "No.");
        }
    }

    [Fact]
    public async Task Create_ThatExists_SaysSo()
    {
        using var response = await _ddm.SendAsync(HttpMethod.Post, _ddm.Users(), """{"name":"app","password":"Vt5qLw-e8Xn2"}""");

        await response.ShouldBeErrorAsync(400, "DBS.300311", $"The account already exists. app exists already. {EngineError.AccountExists.NextStep()}");
        _ddm.MySql.Passwords["app"].ShouldBe("before");
    }

    [Theory]
    [InlineData("v1", """{"user":{"base_authority":[],"description":""}}""", """{"name":"app"}""")]
    [InlineData("v3", """{"base_authority":[]}""", "{}")]
    public async Task Change_Nothing_IsDone(string version, string body, string answer)
    {
        using var response = await _ddm.SendAsync(HttpMethod.Put, $"{_ddm.Users(version)}/app", body);

        await response.ShouldBeAsync(200, answer);
    }

    [Fact]
    public async Task Change_RightsOrAnAccountThatIsNone_IsRefused()
    {
        using var rights = await _ddm.SendAsync(HttpMethod.Put, $"{_ddm.Users("v1")}/app", """{"user":{"base_authority":["SELECT"]}}""");
        using var nobody = await _ddm.SendAsync(HttpMethod.Put, $"{_ddm.Users()}/nobody", "{}");

        await rights.ShouldBeErrorAsync(
            400, "DBS.300309", "The account basic permissions are invalid. Keyturn gives rights to accounts that it makes: change them on the database, and leave base_authority and databases empty.");
        await nobody.ShouldBeErrorAsync(400, "DBS.300327", "The account does not exist.");
    }

    [Theory]
    [InlineData("v1", """{"name":"app"}""")]
    [InlineData("v3", "{}")]
    public async Task Delete_Account_IsGone(string version, string answer)
    {
        using var response = await _ddm.SendAsync(HttpMethod.Delete, $"{_ddm.Users(version)}/app");
        using var again = await _ddm.SendAsync(HttpMethod.Delete, $"{_ddm.Users(version)}/app");

        await response.ShouldBeAsync(200, answer);
        _ddm.MySql.Passwords.ContainsKey("app").ShouldBeFalse();
        ((int)again.StatusCode).ShouldBe(400);
        JsonNode.Parse(await again.Content.ReadAsStringAsync())!["errCode"]!.GetValue<string>().ShouldBe("DBS.300327");
    }

    [Fact]
    public async Task Delete_AdminLogin_IsRefused()
    {
        using var response = await _ddm.SendAsync(HttpMethod.Delete, $"{_ddm.Users()}/admin");

        await response.ShouldBeErrorAsync(400, "DBS.300302", "Failed to delete the account. admin is the login that Keyturn administers shop with.");
        _ddm.MySql.Passwords.ContainsKey("admin").ShouldBeTrue();
    }
}
