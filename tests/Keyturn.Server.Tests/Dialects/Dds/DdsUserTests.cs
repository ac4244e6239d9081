using Keyturn.Engines;

namespace Keyturn.Server.Tests.Dialects.Dds;

public sealed class DdsUserTests : IAsyncLifetime
{
    private const string NewUser = """{"user_name":"app","user_pwd":"Zq7#hW-pL2","db_name":"shop","roles":[{"role_name":"readWrite","role_db_name":"shop"}]}""";
    private DdsServer _dds = null!;

    public async ValueTask InitializeAsync() => _dds = await DdsServer.StartAsync();

    public ValueTask DisposeAsync() => _dds.DisposeAsync();

    [Fact]
    public async Task Create_WithRoles_MakesTheAccountWithThem()
    {
        (await CreateAsync(NewUser)).ShouldBe(DdsServer.Golden(200, "{}", hasReset: true));

        _dds.Database.Passwords["shop.app"].ShouldBe("Zq7#hW-pL2");
        _dds.Database.Roles["shop.app"].ShouldBe([new AccountRole("readWrite", "shop")]);
        (await _dds.CheckAsync("""{"user_name":"app","user_pwd":"Zq7#hW-pL2","db_name":"shop"}""")).ShouldBe(DdsServer.Golden(200, "{}"));
    }

    [Fact]
    public async Task Create_ThatWasCutOff_IsMadeWithItsRolesByRecovery()
    {
        _dds.HangUpInTheMiddle();
        await CreateAsync(NewUser);
        (_dds.Database.OnChange, _dds.Database.Down) = (null, null);

        await Eventually.ShouldAsync(async () =>
        {
            await CreateAsync(NewUser);
            return _dds.LastBody == "{}";
        });

        _dds.Database.Roles["shop.app"].ShouldBe([new AccountRole("readWrite", "shop")]);
    }

    [Theory]
    [InlineData("""{"user_name":"app","user_pwd":"Zq7#hW-pL2"}""", "DBS.280001", "Parameter error.")]
    [InlineData("""{"user_name":"app","roles":[]}""", "DBS.280001", "Parameter error.")]
    [InlineData("""{"user_pwd":"Zq7#hW-pL2","roles":[]}""", "DBS.280001", "Parameter error.")]
    [InlineData("""{"user_name":"app","user_pwd":"Zq7#hW-pL2","roles":[null]}""", "DBS.280001", "Parameter error.")]
    [InlineData("""{"user_name":"app","user_pwd":"Zq7#hW-pL2","roles":[{"role_name":"read"}]}""", "DBS.280001", "Parameter error.")]
    [InlineData("""{"user_name":"app","user_pwd":"Zq7#hW-pL2","roles":[{"role_name":"","role_db_name":"shop"}]}""", "DBS.280001", "Parameter error. A role and its database have 1 to 64 printable characters.")]
    [InlineData("""{"user_name":"a p","user_pwd":"Zq7#hW-pL2","roles":[]}""", "DBS.280292", "Invalid database username.")]
    [InlineData("""{"user_name":"app","user_pwd":"Password1!","roles":[]}""", "DBS.200068", "Weak password.")]
    [InlineData("""{"user_name":"rwuser","user_pwd":"Zq7#hW-pL2","roles":[]}""", "DBS.200827", "The database account already exists.")]
    public async Task Create_BadBody_SaysWhatIsWrongAndMakesNothing(string body, string code, string message)
    {
        (await CreateAsync(body)).ShouldBe(DdsServer.Error(400, code, message));

        _dds.Database.Changes.ShouldBe(0);
    }

    [Fact]
    public async Task Create_RoleThatIsNot_IsNotCreated()
    {
        _dds.Database.OnChange = () => ChangeResult.Refused(EngineError.ServerError, "Could not find role.");

        (await CreateAsync(NewUser)).ShouldBe(DdsServer.Error(
            400, "DBS.200816", "Failed to create the database account. Could not find role. Look at the server\\u0027s message.", hasReset: true));
    }

    [Fact]
    public async Task Create_RolesByWhoMayOnlyMakeAccounts_IsForbidden()
    {
        var maker = ("X-Auth-Token", (await _dds.AddSessionAsync("keyturn:account:create")).Reveal());

        (await _dds.SendAsync(HttpMethod.Post, "/db-user", NewUser, maker)).ShouldBe(DdsServer.Error(
            403, "DBS.280063", "You do not have following permission to perform this operation: keyturn:account:change. Contact the administrator to obtain permission."));
        (await _dds.Server.RefusalsAsync()).ShouldHaveSingleItem().ShouldEndWith(": keyturn:account:change: The credential's scopes leave keyturn:account:change out.");
        (await _dds.SendAsync(HttpMethod.Post, "/db-user", """{"user_name":"app","user_pwd":"Zq7#hW-pL2","roles":[]}""", maker)).ShouldStartWith("200\n");
    }

    [Fact]
    public async Task List_Users_AreTextThatHoldsJson()
    {
        _dds.Database.Passwords["shop.app"] = "before";
        _dds.Database.Roles["shop.app"] = [new AccountRole("read", "shop")];

        await _dds.SendAsync(HttpMethod.Get, "/db-user/detail");

        _dds.LastJson["total_count"]!.GetValue<int>().ShouldBe(3);
        _dds.LastJson["users"]!.GetValue<string>().ShouldBe(
            """[{"isBuiltin":true,"user":"admin","db":"admin","roles":[]},{"isBuiltin":true,"user":"rwuser","db":"admin","roles":[]},{"isBuiltin":false,"user":"app","db":"shop","roles":[{"role":"read","db":"shop"}]}]""");
    }

    [Theory]
    [InlineData("?user_name=app&db_name=shop", """[{\u0022isBuiltin\u0022:false,\u0022user\u0022:\u0022app\u0022,\u0022db\u0022:\u0022shop\u0022,\u0022roles\u0022:[]}]""", 1)]
    [InlineData("?user_name=app", """[{\u0022isBuiltin\u0022:false,\u0022user\u0022:\u0022app\u0022,\u0022db\u0022:\u0022shop\u0022,\u0022roles\u0022:[]}]""", 1)]
    [InlineData("?user_name=app&db_name=admin", "[]", 0)]
    [InlineData("?user_name=ap", "[]", 0)]
    [InlineData("?limit=1&offset=3", "[]", 3)]
    public async Task List_Filtered_MatchesExactly(string query, string users, int total)
    {
        _dds.Database.Passwords["shop.app"] = "before";

        (await _dds.SendAsync(HttpMethod.Get, $"/db-user/detail{query}")).ShouldBe(DdsServer.Golden(200, $$"""{"users":"{{users}}","total_count":{{total}}}"""));
    }

    [Theory]
    [InlineData("?limit=0", "DBS.280439", "Invalid limit.")]
    [InlineData("?limit=101", "DBS.280439", "Invalid limit.")]
    [InlineData("?offset=-1", "DBS.280440", "Invalid offset.")]
    [InlineData("?offset=x", "DBS.280440", "Invalid offset.")]
    public async Task List_BadPage_SaysWhichNumber(string query, string code, string message)
    {
        (await _dds.SendAsync(HttpMethod.Get, $"/db-user/detail{query}")).ShouldBe(DdsServer.Error(400, code, message));
        (await _dds.SendProjectAsync(HttpMethod.Get, $"/instances{query}")).ShouldBe(DdsServer.Error(400, code, message));
    }

    [Fact]
    public async Task List_DatabaseIsDown_IsNeverAnEmptyList()
    {
        _dds.Database.Down = new Failure(EngineError.Unreachable, "Nothing listens.");

        (await _dds.SendAsync(HttpMethod.Get, "/db-user/detail")).ShouldBe(DdsServer.Error(500, "DBS.280005", "Server error. Try again later."));
    }

    [Fact]
    public async Task Delete_User_IsGone()
    {
        (_dds.Database.Passwords["app"], _dds.Database.Passwords["shop.app"]) = ("before", "before");

        (await DeleteAsync("""{"user_name":"app","db_name":"shop"}""")).ShouldBe(DdsServer.Golden(200, "{}"));

        _dds.Database.Passwords.Keys.ShouldNotContain("shop.app");
        _dds.Database.Passwords.Keys.ShouldContain("app");
    }

    [Theory]
    [InlineData("""{"user_name":"rwuser","db_name":"admin"}""", "DBS.200828", "Built-in database accounts cannot be edited.")]
    [InlineData("""{"user_name":"admin","db_name":"admin"}""", "DBS.200828", "Built-in database accounts cannot be edited.")]
    [InlineData("""{"user_name":"nobody","db_name":"admin"}""", "DBS.200824", "The database account does not exist.")]
    [InlineData("""{"user_name":"app"}""", "DBS.280001", "Parameter error.")]
    [InlineData("""{"db_name":"admin"}""", "DBS.280001", "Parameter error.")]
    public async Task Delete_WhatCannotBe_SaysWhy(string body, string code, string message)
    {
        (await DeleteAsync(body)).ShouldBe(DdsServer.Error(400, code, message));

        _dds.Database.Passwords.Keys.ShouldBe(["admin", "rwuser"], ignoreOrder: true);
    }

    [Theory]
    [InlineData("frozen", "DBS.200018")]
    [InlineData("restoring", "DBS.200011")]
    public async Task CreateAndDelete_StatusThatDoesNotAllowIt_AreRefused(string status, string code)
    {
        await _dds.Server.SendAsync(HttpMethod.Patch, "/api/v1/instances/orders", $$"""{"status":"{{status}}"}""");

        (await CreateAsync(NewUser)).ShouldStartWith("403\n");
        _dds.LastJson["error_code"]!.GetValue<string>().ShouldBe(code);
        (await DeleteAsync("""{"user_name":"app","db_name":"shop"}""")).ShouldStartWith("403\n");
        _dds.LastJson["error_code"]!.GetValue<string>().ShouldBe(code);
    }

    [Fact]
    public async Task Roles_AreNoneOfItsCalls() =>
        (await _dds.SendAsync(HttpMethod.Post, "/db-role", """{"role_name":"r"}""")).ShouldStartWith("404\n");

    private Task<string> CreateAsync(string body) => _dds.SendAsync(HttpMethod.Post, "/db-user", body);

    private Task<string> DeleteAsync(string body) => _dds.SendAsync(HttpMethod.Delete, "/db-user", body);
}
