using System.Text;
using Keyturn.Engines;
using Keyturn.Instances;
using Keyturn.LiveTests.WholeProgram;
using Keyturn.Passwords;
using Keyturn.Wire.MySql.Authentication;

namespace Keyturn.LiveTests.MySql;

/// <summary>The plugins that MariaDB has since 11.6 and 11.8, as its own client and its own hashes have them.</summary>
[OnServer("mariadb-11.8", Wide = true)]
public sealed class MariaDb118Tests : MariaDbTests
{
    [Theory]
    [InlineData("parsec", SendMode.Verifier)]
    [InlineData("parsec", SendMode.Clear)]
    [Feature(Feature.Parsec)]
    public Task SetPassword_Parsec_IsKeptAndProved(string plugin, SendMode send) => ShouldBeKeptAndProvedAsync(plugin, send);

    [Theory]
    [InlineData("caching_sha2_password", SendMode.Verifier)]
    [InlineData("caching_sha2_password", SendMode.Clear)]
    [Feature(Feature.CachingSha2)]
    public Task SetPassword_CachingSha2_IsKeptAndProved(string plugin, SendMode send) => ShouldBeKeptAndProvedAsync(plugin, send);

    [Theory]
    [InlineData(TlsMode.VerifyFull)]
    [InlineData(TlsMode.Require)]
    [InlineData(TlsMode.Disable)]
    [Feature(Feature.Parsec)]
    public async Task TryLogin_Parsec_NeedsNoTrustInTheConnection(TlsMode mode)
    {
        var user = await CreateOfAsync("parsec");

        (await Fixture.LoginAsync(user, Old, mode)).ShouldBe(Login.Accepted);
        (await Fixture.LoginAsync(user, "wrong", mode)).ShouldBe(Login.WrongPassword);
        (await Fixture.LoginAsync(user, "", mode)).ShouldBe(Login.WrongPassword);
    }

    [Fact]
    [Feature(Feature.Parsec)]
    public async Task TryLogin_ParsecOfMoreRounds_IsCheckedAndReadBack()
    {
        var salt = Enumerable.Range(1, Parsec.SaltLength).Select(number => (byte)number).ToArray();
        var key = Parsec.Key(Encoding.UTF8.GetBytes(Old), salt, Parsec.MaxExponent).PublicKey;
        var user = await CreateAsync($"VIA parsec USING 'P{Parsec.MaxExponent}:{Convert.ToBase64String(salt)}:{Convert.ToBase64String(key).TrimEnd('=')}'");

        (await VendorClient.LogInAsync(Fixture.Server, user, Old)).IsLetIn.ShouldBeTrue();
        (await Fixture.LoginAsync(user, Old)).ShouldBe(Login.Accepted);
        (await Fixture.LoginAsync(user, "wrong")).ShouldBe(Login.WrongPassword);
        (await Fixture.ReadBackAsync(new AccountName(user), Old)).ShouldBe(ReadbackVerdict.Matches);
    }

    /// <summary>This server has no fast path: it wants the password itself at each login, and says so by the same byte as MySQL does.</summary>
    [Fact]
    [Feature(Feature.CachingSha2)]
    public async Task TryLogin_CachingSha2_IsDecidedOverVerifiedTlsAndUnderTheServersKeyOnly()
    {
        var user = await CreateOfAsync("caching_sha2_password");

        foreach (var mode in (TlsMode[])[TlsMode.VerifyFull, TlsMode.Disable])
        {
            (await Fixture.LoginAsync(user, Old, mode)).ShouldBe(Login.Accepted);
            (await Fixture.LoginAsync(user, "wrong", mode)).ShouldBe(Login.WrongPassword);
        }

        foreach (var password in (string[])[Old, "wrong"])
        {
            var unverified = await Fixture.LoginAsync(user, password, TlsMode.Require);
            unverified.ShouldBe(Login.NoVerdict);
            unverified.Failure.ShouldNotBeNull().Error.ShouldBe(EngineError.MethodNotSpoken);
            unverified.Failure.Detail.ShouldContain("caching_sha2_password");
        }
    }

    /// <summary>The server's own salts have quotes and backslashes in them, and a kept method is written back as it was.</summary>
    [Fact]
    [Feature(Feature.CachingSha2)]
    public async Task Keep_SaltThatNeedsQuoting_StaysAsItIs()
    {
        var user = await CreateOfAsync("caching_sha2_password");
        while (!(await StoredAsync(user)).ContainsAny('\'', '\\'))
        {
            await Fixture.SqlAsync($"ALTER USER {user}@'%' IDENTIFIED VIA caching_sha2_password USING PASSWORD('{Old}')");
        }


        (await KeepAsync(user)).ShouldBeApplied();

        (await Fixture.LoginAsync(user, Old)).ShouldBe(Login.Accepted);
        (await Fixture.LoginAsync(user, New)).ShouldBe(Login.Accepted);
    }

    [Fact]
    [Feature(Feature.KeepOld)]
    public async Task Keep_CachingSha2_BothAreLetInUntilTheDiscard()
    {
        var user = await CreateOfAsync("caching_sha2_password");

        (await KeepAsync(user)).ShouldBeApplied();
        (await KeepAsync(user)).ShouldBeApplied();

        (await MethodAsync(user)).ShouldBe("caching_sha2_password or caching_sha2_password");
        (await Fixture.LoginAsync(user, Old)).ShouldBe(Login.Accepted);
        (await Fixture.LoginAsync(user, New)).ShouldBe(Login.Accepted);
        (await Fixture.LoginAsync(user, "wrong")).ShouldBe(Login.WrongPassword);
        await using var admin = await Fixture.ConnectAsync();
        (await ((IKeepsOldPassword)admin).DiscardOldPasswordAsync(new AccountName(user), new Secret(New), new Secret(Old), Fixture.Cancel)).ShouldBeApplied();
        (await MethodAsync(user)).ShouldBe("caching_sha2_password");
        (await Fixture.LoginAsync(user, Old)).ShouldBe(Login.WrongPassword);
        (await Fixture.LoginAsync(user, New)).ShouldBe(Login.Accepted);
    }

    [Fact]
    [Feature(Feature.KeepOld, Refused = "not for accounts of parsec: over TLS the server may close the connection when parsec has refused a password, in place of trying another")]
    public async Task Keep_Parsec_IsRefusedAndChangesNothing()
    {
        var user = await CreateOfAsync("parsec");

        var change = await KeepAsync(user);

        change.Change.ShouldBe(Change.Refused);
        change.Failure.ShouldNotBeNull().Error.ShouldBe(EngineError.Unsupported);
        change.Failure.Detail.ShouldContain("parsec");
        (await Fixture.LoginAsync(user, Old)).ShouldBe(Login.Accepted);
        (await Fixture.ReadBackAsync(new AccountName(user), Old)).ShouldBe(ReadbackVerdict.Matches);
    }

    [Theory]
    [InlineData("parsec")]
    [InlineData("caching_sha2_password")]
    [Feature(Feature.Check)]
    public async Task Connect_AdminOfThePlugin_Works(string plugin)
    {
        var login = new LabLogin(await CreateOfAsync(plugin), Old);
        await Fixture.SqlAsync($"GRANT CREATE USER ON *.* TO {login.User}@'%'", $"GRANT SELECT ON mysql.global_priv TO {login.User}@'%'");

        (await Fixture.SetAsync(new AccountName(login.User), New, login: login)).ShouldBeApplied();

        (await Fixture.LoginAsync(login.User, New)).ShouldBe(Login.Accepted);
    }

    /// <summary>Judged by the vendor's own client: Keyturn's login and Keyturn's verifier could agree on a mistake.</summary>
    private async Task ShouldBeKeptAndProvedAsync(string plugin, SendMode send)
    {
        var user = await CreateOfAsync(plugin);
        (await Fixture.ReadBackAsync(new AccountName(user), Old)).ShouldBe(ReadbackVerdict.Matches);

        (await Fixture.SetAsync(new AccountName(user), New, send)).ShouldBeApplied();

        (await MethodAsync(user)).ShouldBe(plugin);
        (await Fixture.LoginAsync(user, Old)).ShouldBe(Login.WrongPassword);
        (await Fixture.LoginAsync(user, New)).ShouldBe(Login.Accepted);
        (await Fixture.ReadBackAsync(new AccountName(user), New)).ShouldBe(ReadbackVerdict.Matches);
        (await Fixture.ReadBackAsync(new AccountName(user), Old)).ShouldBe(ReadbackVerdict.Differs);
        (await VendorClient.LogInAsync(Fixture.Server, user, New)).IsLetIn.ShouldBeTrue();
        (await VendorClient.LogInAsync(Fixture.Server, user, Old)).IsLetIn.ShouldBeFalse();
    }

    private Task<string> CreateOfAsync(string plugin) => CreateAsync($"VIA {plugin} USING PASSWORD('{Old}')");

    private async Task<string> StoredAsync(string user)
    {
        var rows = await Fixture.SqlAsync($"SELECT JSON_VALUE(Priv, '$.authentication_string') FROM mysql.global_priv WHERE User = '{user}'");
        return rows.ShouldHaveSingleItem().First.ShouldNotBeNull();
    }

    private async Task<ChangeResult> KeepAsync(string user)
    {
        await using var admin = await Fixture.ConnectAsync();
        return await ((IKeepsOldPassword)admin).SetPasswordAsync(new PasswordChange(new AccountName(user), new Secret(New)), new Secret(Old), Fixture.Cancel);
    }
}
