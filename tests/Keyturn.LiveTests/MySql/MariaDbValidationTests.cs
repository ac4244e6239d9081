using Keyturn.Engines;
using Keyturn.Instances;

namespace Keyturn.LiveTests.MySql;

/// <summary>A MariaDB whose validation plugin refuses hashes, all in the words of a missing account.</summary>
public sealed class MariaDbValidationTests : IAsyncDisposable
{
    private const string Old = "Old-1 canary";
    private const string New = "New-2 canary";
    private readonly MySqlLab _lab = MySqlLab.Validating();

    public ValueTask DisposeAsync() => _lab.DisposeAsync();

    [Fact]
    public async Task SetPassword_AsVerifier_IsRefusedForTheSendMode()
    {
        var user = await CreateAsync();

        await ShouldBeRefusedAsync(user, New, SendMode.Verifier, EngineError.SendModeRefused);
        (await _lab.LoginAsync(user, Old)).ShouldBe(Login.Accepted);
    }

    [Fact]
    public async Task SetPassword_WeakInClear_IsRefusedByTheServer()
    {
        var user = await CreateAsync();

        await ShouldBeRefusedAsync(user, "weak", SendMode.Clear, EngineError.PasswordRefusedByServer);
        (await _lab.LoginAsync(user, Old)).ShouldBe(Login.Accepted);
    }

    [Theory]
    [InlineData(SendMode.Clear)]
    [InlineData(SendMode.Verifier)]
    public async Task SetPassword_MissingAccount_IsMissing(SendMode send) =>
        await ShouldBeRefusedAsync(MySqlLab.UniqueUser(), New, send, EngineError.AccountMissing);

    [Theory]
    [InlineData("BY 'Old-1 canary'", "mysql_native_password")]
    [InlineData("VIA ed25519 USING PASSWORD('Old-1 canary') OR unix_socket", "ed25519 or unix_socket")]
    public async Task SetPassword_StrongInClear_IsAppliedAndProved(string identified, string method)
    {
        var user = await CreateAsync(identified);

        (await _lab.SetAsync(new AccountName(user), @"N'e\w-2 ""%_c😀", SendMode.Clear)).ShouldBeApplied();

        (await _lab.LoginAsync(user, @"N'e\w-2 ""%_c😀")).ShouldBe(Login.Accepted);
        (await _lab.ReadBackAsync(new AccountName(user), @"N'e\w-2 ""%_c😀")).ShouldBe(ReadbackVerdict.Matches);
        (await _lab.InspectAsync(new AccountName(user))).Rows.ShouldHaveSingleItem().Method.ShouldBe(method);
    }

    [Fact]
    public async Task Connect_ValidatingServer_RemarksThePlugin()
    {
        await using var admin = await _lab.ConnectAsync();

        admin.Server.Remarks.ShouldHaveSingleItem().ShouldStartWith("simple_password_check");
    }

    private async Task<string> CreateAsync(string identified = $"BY '{Old}'")
    {
        var user = _lab.NewUser();
        await _lab.SqlAsync($"CREATE USER {user}@'%' IDENTIFIED {identified}");
        return user;
    }

    private async Task ShouldBeRefusedAsync(string user, string password, SendMode send, EngineError error)
    {
        var change = await _lab.SetAsync(new AccountName(user), password, send);
        change.Change.ShouldBe(Change.Refused);
        change.Failure.ShouldNotBeNull().Error.ShouldBe(error);
    }
}
