using Keyturn.Engines;

namespace Keyturn.Server.Tests.Dialects.Dds;

public sealed class DdsResetTests : IAsyncLifetime
{
    private const string New = """{"user_pwd":"Zq7#hW-pL2"}""";
    private const string Busy = "Another operation is being performed on the DB instance or the DB instance is faulty.";
    private DdsServer _dds = null!;

    public async ValueTask InitializeAsync() => _dds = await DdsServer.StartAsync();

    public ValueTask DisposeAsync() => _dds.DisposeAsync();

    [Theory]
    [InlineData("""{"user_pwd":"Zq7#hW-pL2"}""", "rwuser")]
    [InlineData("""{"user_name":"app","user_pwd":"Zq7#hW-pL2","db_name":"admin"}""", "app")]
    [InlineData("""{"user_name":"app","user_pwd":"Zq7#hW-pL2","db_name":"shop"}""", "shop.app")]
    public async Task Reset_GivenPassword_IsInForceAndNamed(string body, string account)
    {
        (_dds.Database.Passwords["app"], _dds.Database.Passwords["shop.app"]) = ("before", "before");

        (await _dds.ResetAsync(body)).ShouldBe(DdsServer.Golden(200, "{}", hasReset: true));

        _dds.Database.Passwords[account].ShouldBe("Zq7#hW-pL2");
        _dds.Database.Passwords.Values.Count(password => password == "Zq7#hW-pL2").ShouldBe(1);
        var (_, reset) = await _dds.Server.GetAsync($"/api/v1/resets/{_dds.LastResetId}");
        reset["reset"]!["state"]!.GetValue<string>().ShouldBe("done");
    }

    [Theory]
    [InlineData("{}", "DBS.280001", "Parameter error.")]
    [InlineData("""{"user_pwd":"Zq7#hW-pL2","user_name":"a b"}""", "DBS.280292", "Invalid database username.")]
    [InlineData("""{"user_pwd":"Zq7#hW-"}""", "DBS.200052", "Invalid password.")]
    [InlineData("""{"user_pwd":"Zq7#hW-pL2Zq7#hW-pL2Zq7#hW-pL2zzz"}""", "DBS.200052", "Invalid password.")]
    [InlineData("""{"user_pwd":"Zq7hWxpL2kd"}""", "DBS.200052", "Invalid password.")]
    [InlineData("""{"user_pwd":"zq7#hw-pl2"}""", "DBS.200052", "Invalid password.")]
    [InlineData("""{"user_pwd":"Zq7#hW-pL2()"}""", "DBS.280200", "The password contains invalid characters.")]
    [InlineData("""{"user_pwd":"Zq7#hW-pL2\u00e9"}""", "DBS.280200", "The password contains invalid characters.")]
    [InlineData("""{"user_pwd":"Password1!"}""", "DBS.200068", "Weak password.")]
    [InlineData("""{"user_pwd":"Zq7-hW-pL2x","user_name":"zQ7-hW-pL2x"}""", "DBS.200068", "Weak password.")]
    [InlineData("""{"user_pwd":"Zq7-hW-pL2x","user_name":"x2Lp-Wh-7qZ"}""", "DBS.200068", "Weak password.")]
    [InlineData("""{"user_pwd":"Zq7#hW-pL2","user_name":"nobody"}""", "DBS.200824", "The database account does not exist.")]
    [InlineData("""{"user_pwd":"Zq7#hW-pL2","user_name":"rdsAdmin"}""", "DBS.200828", "Built-in database accounts cannot be edited.")]
    public async Task Reset_BadBody_SaysWhatIsWrongAndChangesNothing(string body, string code, string message)
    {
        (await _dds.ResetAsync(body)).ShouldBe(DdsServer.Error(400, code, message));

        _dds.Database.Changes.ShouldBe(0);
        _dds.Database.Passwords["rwuser"].ShouldBe("Before-1234");
    }

    [Theory]
    [InlineData("frozen", "DBS.200018", "This instance\\u0027s status or its node\\u0027s status makes it not be allowed to do this operation now.")]
    [InlineData("abnormal", "DBS.200011", "This instance abnormal status makes it not be allowed to do this reset password operation now.")]
    [InlineData("creating", "DBS.200011", "This instance creating status makes it not be allowed to do this reset password operation now.")]
    [InlineData("restarting", "DBS.200011", "This instance normal status makes it not be allowed to do this reset password operation now.")]
    [InlineData("storage-full", "DBS.200011", "This instance data_disk_full status makes it not be allowed to do this reset password operation now.")]
    public async Task Reset_StatusThatDoesNotAllowIt_IsRefused(string status, string code, string message)
    {
        await _dds.Server.SendAsync(HttpMethod.Patch, "/api/v1/instances/orders", $$"""{"status":"{{status}}"}""");

        (await _dds.ResetAsync(New)).ShouldBe(DdsServer.Error(403, code, message));
        _dds.Database.Changes.ShouldBe(0);
    }

    [Fact]
    public async Task Reset_NoAnswerFromTheDatabase_IsBusyAndTheRepeatGetsItsEnd()
    {
        _dds.HangUpInTheMiddle();
        (await _dds.ResetAsync(New)).ShouldBe(DdsServer.Error(403, "DBS.200019", Busy, hasReset: true));
        var first = _dds.LastResetId;

        (_dds.Database.OnChange, _dds.Database.Down) = (null, null);
        await Eventually.ShouldAsync(async () =>
        {
            await _dds.ResetAsync(New);
            return _dds.LastBody == "{}";
        });

        _dds.LastResetId.ShouldBe(first);
        _dds.Database.Passwords["rwuser"].ShouldBe("Zq7#hW-pL2");
    }

    [Fact]
    public async Task Reset_DatabaseIsDown_StoresNothingAndMayBeRepeated()
    {
        _dds.Database.Down = new Failure(EngineError.Unreachable, "Nothing listens.");

        (await _dds.ResetAsync(New)).ShouldBe(DdsServer.Error(500, "DBS.280005", "Server error. Try again later."));

        (await _dds.Server.GetAsync("/api/v1/resets")).Body["resets"]!.AsArray().ShouldBeEmpty();
    }

    [Theory]
    [InlineData(EngineError.PasswordRefusedByServer, 400, "DBS.200052", "Invalid password. It says no.")]
    [InlineData(EngineError.AccountMissing, 400, "DBS.200824", "The database account does not exist.")]
    [InlineData(EngineError.ServerError, 400, "DBS.200077", "Failed to change the password. It says no. Look at the server\\u0027s message.")]
    [InlineData(EngineError.AdminLacksPrivilege, 400, "DBS.200077", "Failed to change the password. It says no. Grant the named privilege to the admin login.")]
    [InlineData(EngineError.Busy, 403, "DBS.200019", Busy)]
    [InlineData(EngineError.ReadOnlyNode, 403, "DBS.200019", Busy)]
    [InlineData(EngineError.Unreachable, 403, "DBS.200019", Busy)]
    public async Task Reset_DatabaseRefuses_IsNeverAServerError(EngineError cause, int status, string code, string message)
    {
        _dds.Database.OnChange = () => ChangeResult.Refused(cause, "It says no.");

        (await _dds.ResetAsync(New)).ShouldBe(DdsServer.Error(status, code, message, hasReset: true));
        _dds.Database.Passwords["rwuser"].ShouldBe("Before-1234");
    }

    [Fact]
    public async Task Reset_SameKeyOtherPassword_IsAParameterError()
    {
        await _dds.ResetAsync(New, ("Idempotency-Key", "k1"));

        (await _dds.ResetAsync("""{"user_pwd":"Yq7#hW-pL2"}""", ("Idempotency-Key", "k1")))
            .ShouldBe(DdsServer.Error(400, "DBS.280001", "Parameter error. The idempotency key was used for another request.", hasReset: true));
        _dds.Database.Passwords["rwuser"].ShouldBe("Zq7#hW-pL2");
    }

    [Theory]
    [InlineData("""{"password":"Password1!"}""", "true")]
    [InlineData("""{"password":"Zq7#hW-pL2-vT9x"}""", "false")]
    [InlineData("""{"password":"a"}""", "true")]
    public async Task Judge_Password_AnswersForBothServices(string body, string isWeak) =>
        (await _dds.SendProjectAsync(HttpMethod.Post, "/weak-password-verification", body))
            .ShouldBe(DdsServer.Golden(200, $$"""{"weak":{{isWeak}},"is_weak_password":{{isWeak}}}"""));

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"password":""}""")]
    public async Task Judge_NoPassword_IsAParameterError(string body) =>
        (await _dds.SendProjectAsync(HttpMethod.Post, "/weak-password-verification", body)).ShouldBe(DdsServer.Error(400, "DBS.280001", "Parameter error."));
}
