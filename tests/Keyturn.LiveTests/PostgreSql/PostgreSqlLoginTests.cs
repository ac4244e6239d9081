using Keyturn.Engines;
using Keyturn.Instances;
using Keyturn.Wire;
using Keyturn.Wire.PostgreSql;
using Keyturn.Wire.Sasl;

namespace Keyturn.LiveTests.PostgreSql;

/// <summary>What a login shows, for each state that a role can be in and each method that a server can ask for.</summary>
public abstract class PostgreSqlLoginTests : IAsyncDisposable
{
    private readonly PostgreSqlLab _lab;

    protected PostgreSqlLoginTests() => _lab = new PostgreSqlLab(Lab.Server(OnServerAttribute.NameOf(this)));

    [Theory]
    [Feature(Feature.Check)]
    [Feature(Feature.Scram)]
    [InlineData(TlsMode.VerifyFull)]
    [InlineData(TlsMode.VerifyCa)]
    [InlineData(TlsMode.Require)]
    [InlineData(TlsMode.Disable)]
    public async Task Login_EachTlsMode_TellsPasswordsApart(TlsMode mode)
    {
        var role = await _lab.CreateRoleAsync();

        (await _lab.LoginAsync(role, PostgreSqlLab.Password, mode)).ShouldBe(Login.Accepted);
        (await _lab.LoginAsync(role, PostgreSqlLab.WrongPassword, mode)).ShouldBe(Login.WrongPassword);
    }

    [Fact]
    [Feature(Feature.Check)]
    public async Task Login_WrongPassword_IsOneFailedLoginOnTheServer()
    {
        var role = await _lab.CreateRoleAsync();

        await _lab.LoginAsync(role, PostgreSqlLab.WrongPassword);

        var log = await File.ReadAllTextAsync(_lab.Server.Log);
        log.Split($"password authentication failed for user \"{role}\"").Length.ShouldBe(2);
    }

    [Fact]
    [Feature(Feature.States)]
    public async Task Login_ExpiredRole_LooksLikeAWrongPasswordAndInspectionTells()
    {
        var role = await _lab.CreateRoleAsync("LOGIN VALID UNTIL '2020-01-01'");

        (await _lab.LoginAsync(role)).ShouldBe(Login.WrongPassword);
        (await _lab.InspectAsync(role)).Rows.Single().LoginObstacle.ShouldBe(EngineError.AccountExpired);
    }

    [Theory]
    [Feature(Feature.States)]
    [InlineData("NOLOGIN", EngineError.LoginNotPermitted)]
    [InlineData("LOGIN CONNECTION LIMIT 0", EngineError.ConnectionLimit)]
    public async Task Login_RightPasswordOfARoleThatMayNot_IsRefusedForThatReason(string options, EngineError reason)
    {
        var role = await _lab.CreateRoleAsync(options);

        var right = await _lab.LoginAsync(role);
        right.ShouldBe(Login.Refused);
        right.Failure!.Error.ShouldBe(reason);
        (await _lab.LoginAsync(role, PostgreSqlLab.WrongPassword)).ShouldBe(Login.WrongPassword);
        (await _lab.InspectAsync(role)).Rows.Single().LoginObstacle.ShouldBe(reason);
    }

    [Fact]
    public async Task Login_NoSuchDatabase_IsToldAfterThePasswordWasFoundRight()
    {
        var role = await _lab.CreateRoleAsync();
        var server = _lab.Server;
        var request = new PostgreSqlLoginRequest(server.Host, server.Port, new WireTls(WireTlsMode.Require), role.User, PostgreSqlLab.Password)
        {
            Database = "no_such_database",
        };

        var reply = await PostgreSqlLogin.TryAsync(request, CancellationToken.None);

        reply.Code.ShouldBe("3D000");
        reply.IsPasswordProved.ShouldBeTrue();
    }

    [Fact]
    [Feature(Feature.States)]
    public async Task Login_ServerAsksForNoPassword_ProvesNothing()
    {
        var role = await _lab.CreateRoleAsync(group: "lab_trust");

        var login = await _lab.LoginAsync(role, PostgreSqlLab.WrongPassword);

        login.ShouldBe(Login.NotChecked);
        login.Failure!.Error.ShouldBe(EngineError.PasswordNotAsked);
    }

    [Fact]
    [Feature(Feature.Clear)]
    public async Task Login_ServerAsksForTheClearPassword_ItGoesOnlyOverVerifiedTls()
    {
        var role = await _lab.CreateRoleAsync(group: "lab_clear");

        (await _lab.LoginAsync(role)).ShouldBe(Login.Accepted);
        (await _lab.LoginAsync(role, PostgreSqlLab.WrongPassword)).ShouldBe(Login.WrongPassword);
        foreach (var mode in (TlsMode[])[TlsMode.Require, TlsMode.Disable])
        {
            var login = await _lab.LoginAsync(role, PostgreSqlLab.Password, mode);
            login.ShouldBe(Login.NoVerdict);
            login.Failure!.Error.ShouldBe(EngineError.MethodNotSpoken);
        }
    }

    [Fact]
    [Feature(Feature.Clear)]
    public async Task Connect_ServerAsksAdminForTheClearPassword_ItGoesOnlyOverVerifiedTls()
    {
        var role = await _lab.CreateRoleAsync("LOGIN CREATEROLE", group: "lab_clear");
        var login = new LabLogin(role.User, PostgreSqlLab.Password);

        await using var admin = await _lab.ConnectAsync(login);
        foreach (var mode in (TlsMode[])[TlsMode.Require, TlsMode.Disable])
        {
            var answer = await PostgreSqlLab.Engine.ConnectAsync(_lab.Target(mode), login.Credential, CancellationToken.None);
            answer.Failure.ShouldNotBeNull().Error.ShouldBe(EngineError.MethodNotSpoken, answer.Failure.Detail);
        }
    }

    [Fact]
    [Feature(Feature.Md5)]
    public async Task Login_ServerAsksForMd5_TellsPasswordsApart()
    {
        var role = await _lab.CreateRoleAsync(group: "lab_md5");
        await _lab.ExecuteAsync($"SET password_encryption = 'md5'; ALTER ROLE {role} PASSWORD '{PostgreSqlLab.Password}'");

        (await _lab.LoginAsync(role)).ShouldBe(Login.Accepted);
        (await _lab.LoginAsync(role, PostgreSqlLab.WrongPassword)).ShouldBe(Login.WrongPassword);
    }

    [Fact]
    [Feature(Feature.Md5)]
    public async Task Login_Md5StoredAndScramDemanded_IsRefusedThoughReadbackMatches()
    {
        var role = await _lab.CreateRoleAsync();
        await _lab.ExecuteAsync($"SET password_encryption = 'md5'; ALTER ROLE {role} PASSWORD '{PostgreSqlLab.Password}'");
        await using var superuser = await _lab.ConnectAsync(_lab.Server.Superuser);

        (await _lab.LoginAsync(role)).ShouldBe(Login.WrongPassword);
        (await PostgreSqlLab.ReadBackAsync(superuser, role, PostgreSqlLab.Password)).Verdict.ShouldBe(ReadbackVerdict.Matches);
        (await PostgreSqlLab.ReadBackAsync(superuser, role, PostgreSqlLab.WrongPassword)).Verdict.ShouldBe(ReadbackVerdict.Differs);
    }

    /// <summary>PAM's no has the code of an address that is not let in: it is no wrong password to us, and a guess all the same.</summary>
    [Fact]
    [Feature(Feature.States)]
    public async Task Login_PasswordOfPamIsWrong_IsNoVerdictAndAGuess()
    {
        var role = await _lab.CreateRoleAsync(group: "lab_pam");

        var login = await _lab.LoginAsync(role);

        login.ShouldBe(Login.NoVerdict);
        (login.Failure!.Error, login.IsGuess).ShouldBe((EngineError.LoginNotPermitted, true));
        login.Failure.Detail.ShouldContain("PAM authentication failed");
    }

    [Fact]
    [Feature(Feature.States)]
    public async Task Login_MethodWeDoNotSpeak_IsNoVerdictAndNamed()
    {
        var role = await _lab.CreateRoleAsync(group: "lab_gss");

        var login = await _lab.LoginAsync(role);

        login.ShouldBe(Login.NoVerdict);
        login.Failure!.Error.ShouldBe(EngineError.MethodNotSpoken);
        login.Failure.Detail.ShouldContain("Gss");
    }

    [Fact]
    [Feature(Feature.States)]
    public async Task Login_RejectedByAddress_IsNoVerdictOnThePassword()
    {
        var role = await _lab.CreateRoleAsync(group: "lab_reject");

        var login = await _lab.LoginAsync(role);

        login.ShouldBe(Login.NoVerdict);
        login.Failure!.Error.ShouldBe(EngineError.LoginNotPermitted);
    }

    [Fact]
    [Feature(Feature.States)]
    public async Task Login_RejectedWithoutTls_SaysThatTlsIsRequired()
    {
        var role = await _lab.CreateRoleAsync(group: "lab_tlsonly");

        var login = await _lab.LoginAsync(role, mode: TlsMode.Disable);

        login.ShouldBe(Login.NoVerdict);
        login.Failure!.Error.ShouldBe(EngineError.TlsRequired);
        (await _lab.LoginAsync(role)).ShouldBe(Login.Accepted);
    }

    [Fact]
    [Feature(Feature.Scram)]
    public async Task Login_VerifierOfManyIterations_IsAccepted()
    {
        var role = await _lab.CreateRoleAsync();
        var keys = ScramKeys.Derive(SaslPrep.PrepareOrKeep("Slow-3"), [1, 2, 3, 4], iterations: 100_000);
        var verifier = $"SCRAM-SHA-256$100000:{Convert.ToBase64String(keys.Salt)}${Convert.ToBase64String(keys.StoredKey)}:{Convert.ToBase64String(keys.ServerKey)}";
        await _lab.ExecuteAsync($"ALTER ROLE {role} PASSWORD '{verifier}'");

        (await _lab.LoginAsync(role, "Slow-3")).ShouldBe(Login.Accepted);
    }

    [Fact]
    public async Task Login_MalformedVerifier_IsAPlainPasswordToTheServerAndReadbackTells()
    {
        const string malformed = "SCRAM-SHA-256$4096:notbase64";
        var role = await _lab.CreateRoleAsync();
        await _lab.ExecuteAsync($"ALTER ROLE {role} PASSWORD '{malformed}'");
        await using var superuser = await _lab.ConnectAsync(_lab.Server.Superuser);

        (await _lab.LoginAsync(role, malformed)).ShouldBe(Login.Accepted);
        (await PostgreSqlLab.ReadBackAsync(superuser, role, PostgreSqlLab.Password)).Verdict.ShouldBe(ReadbackVerdict.Differs);
    }

    [Theory]
    [InlineData("''")]
    [InlineData("NULL")]
    public async Task Login_PasswordClearedOnTheServer_IsWrongPasswordAndReadbackDiffers(string cleared)
    {
        var role = await _lab.CreateRoleAsync();
        await _lab.ExecuteAsync($"ALTER ROLE {role} PASSWORD {cleared}");
        await using var superuser = await _lab.ConnectAsync(_lab.Server.Superuser);

        (await _lab.LoginAsync(role)).ShouldBe(Login.WrongPassword);
        (await PostgreSqlLab.ReadBackAsync(superuser, role, PostgreSqlLab.Password)).Verdict.ShouldBe(ReadbackVerdict.Differs);
    }

    [Theory]
    [Feature(Feature.AnyText)]
    [InlineData("soft\u00ADhyphen", "softhyphen")]
    [InlineData("\u2168 roman", "IX roman")]
    [InlineData("no\u00A0break", "no break")]
    public async Task Login_PasswordsThatPrepareAlike_AreOnePasswordToTheServer(string set, string typed)
    {
        var role = await _lab.CreateRoleAsync();
        await using var admin = await _lab.ConnectAsync();
        (await PostgreSqlLab.SetAsync(admin, role, set)).ShouldBeApplied();

        (await _lab.LoginAsync(role, set)).ShouldBe(Login.Accepted);
        (await _lab.LoginAsync(role, typed)).ShouldBe(Login.Accepted);
    }

    [Theory]
    [Feature(Feature.AnyText)]
    [InlineData("soft\u00ADhyphen \u2168")]
    [InlineData("\U0001F511 \uFB01")]
    [InlineData("\u0627 latin")]
    [InlineData("bell\u0007 \uFB01")]
    public async Task Login_PasswordThatTheServerPreparedItself_IsPreparedAlike(string password)
    {
        var role = await _lab.CreateRoleAsync();
        await _lab.ExecuteAsync($"ALTER ROLE {role} PASSWORD '{password}'");

        (await _lab.LoginAsync(role, password)).ShouldBe(Login.Accepted);
    }

    public async ValueTask DisposeAsync()
    {
        await _lab.DisposeAsync();
        GC.SuppressFinalize(this);
    }
}

[OnServer("postgresql-15")]
public sealed class PostgreSql15LoginTests : PostgreSqlLoginTests;

[OnServer("postgresql-17", Wide = true)]
public sealed class PostgreSql17LoginTests : PostgreSqlLoginTests;

[OnServer("postgresql-18", Wide = true)]
public sealed class PostgreSql18LoginTests : PostgreSqlLoginTests;
