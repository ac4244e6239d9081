using Keyturn.Engines;
using Keyturn.Instances;

namespace Keyturn.LiveTests.MySql;

/// <summary>
/// parsec among other methods. Alone, because a server answers for a name that it does not know as it does for some account that it has, and
/// closes the connection where that is one of these.
/// </summary>
[OnServer("mariadb-11.8", Wide = true)]
[Collection(MySqlServerSettings.Name)]
public sealed class ParsecAlternativesTests : IAsyncDisposable
{
    private const string New = "New-2 canary";
    private readonly MySqlLab _lab = MySqlLab.MariaDb("mariadb-11.8");

    [Fact]
    [Feature(Feature.Alternatives)]
    public async Task SetPassword_FourMethodsParsecLast_ChangesEach()
    {
        var user = await CreateAsync("mysql_native_password", "ed25519", "caching_sha2_password", "parsec");
        foreach (var method in (string[])["mysql_native_password", "ed25519", "caching_sha2_password", "parsec"])
        {
            (await _lab.LoginAsync(user, $"{method}-1")).ShouldBe(Login.Accepted);
        }

        (await _lab.SetAsync(new AccountName(user), New)).ShouldBeApplied();

        (await _lab.InspectAsync(new AccountName(user))).Rows.ShouldHaveSingleItem().Method.ShouldBe("mysql_native_password or ed25519 or caching_sha2_password or parsec");
        (await _lab.LoginAsync(user, "parsec-1")).ShouldBe(Login.WrongPassword);
        (await _lab.LoginAsync(user, New)).ShouldBe(Login.Accepted);
        (await _lab.ReadBackAsync(new AccountName(user), New)).ShouldBe(ReadbackVerdict.Matches);
    }

    /// <summary>
    /// The server drops the connection, or not, by whether the next answer has come when it looks for it: nothing is decided by that. What
    /// comes after parsec must never look like a wrong password.
    /// </summary>
    [Theory]
    [InlineData("parsec", "mysql_native_password")]
    [InlineData("parsec", "ed25519")]
    [InlineData("parsec", "caching_sha2_password")]
    [Feature(Feature.Parsec)]
    public async Task TryLogin_PasswordOfTheMethodAfterParsec_IsAcceptedOrNoVerdict(string first, string second)
    {
        var user = await CreateAsync(first, second);
        (await _lab.LoginAsync(user, $"{first}-1")).ShouldBe(Login.Accepted);

        (await _lab.LoginAsync(user, $"{second}-1")).Login.ShouldBeOneOf(Login.Accepted, Login.NoVerdict);

        (await _lab.SetAsync(new AccountName(user), New)).ShouldBeApplied();
        (await _lab.LoginAsync(user, New)).ShouldBe(Login.Accepted);
    }

    public ValueTask DisposeAsync() => _lab.DisposeAsync();

    /// <summary>An account with a password of each method's own.</summary>
    private async Task<string> CreateAsync(params string[] methods)
    {
        var user = _lab.NewUser();
        await _lab.SqlAsync($"CREATE USER {user}@'%' IDENTIFIED VIA {string.Join(" OR ", methods.Select(method => $"{method} USING PASSWORD('{method}-1')"))}");
        return user;
    }
}
