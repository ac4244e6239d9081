namespace Keyturn.Cli.Tests.Commands;

public sealed class CredentialCommandTests
{
    private const string AccessKey = "KTAK0123456789ABCDEF";
    private const string Canary = "canary-secret-1";

    private static readonly object Credential = new { id = "c-1", kind = "access-key", label = "build", public_id = AccessKey, scopes = new[] { "database:read", "database:update" } };

    private static readonly object Issued = new { credential = Credential, secret = Canary };

    [Fact]
    public async Task Add_AllOptions_BecomeTheApisCredential()
    {
        await using var server = await StubServer.AnsweringAsync(Issued, 201);

        var run = await CommandRun.AgainstAsync(
            server, "principal", "credential", "add", "ci", "--kind", "access-key", "--label", "build", "--scope", "database:read", "--scope", "database:update", "--expires-in", "30d", "--show");

        run.ExitCode.ShouldBe(ExitCode.Done, run.Error);
        var request = server.Requests.Single();
        request.Target.ShouldBe("/api/v1/principals/ci/credentials");
        request.Body.ShouldBe("""{"kind":"access-key","label":"build","scopes":["database:read","database:update"],"expires_in_seconds":2592000}""");
    }

    [Fact]
    public async Task Add_Show_PrintsTheAkAndTheSkOnALineOfItsOwn()
    {
        await using var server = await StubServer.AnsweringAsync(Issued, 201);

        var run = await CommandRun.AgainstAsync(server, "principal", "credential", "add", "ci", "--kind", "access-key", "--show");

        run.Out.ShouldContain($"access key (AK)  {AccessKey}");
        run.Out.ShouldEndWith(Environment.NewLine + Canary + Environment.NewLine);
        run.Error.ShouldContain("(SK)");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Add_Json_HasTheSecretOnlyWhereItMayBeShown(bool show)
    {
        using var folder = new TemporaryFolder();
        await using var server = await StubServer.AnsweringAsync(Issued, 201);
        string[] place = show ? ["--show"] : ["--write-to", folder["secret"]];

        var run = await CommandRun.AgainstAsync(server, ["principal", "credential", "add", "ci", "--kind", "access-key", "-o", "json", .. place]);

        run.Out.ShouldContain($"\"public_id\": \"{AccessKey}\"");
        run.Out.Contains($"\"secret\": \"{Canary}\"", StringComparison.Ordinal).ShouldBe(show);
    }

    [Fact]
    public async Task Add_WriteTo_KeepsTheSecretOffTheScreen()
    {
        using var folder = new TemporaryFolder();
        await using var server = await StubServer.AnsweringAsync(Issued, 201);

        var run = await CommandRun.AgainstAsync(server, "principal", "credential", "add", "ci", "--kind", "token", "--write-to", folder["token"]);

        run.ExitCode.ShouldBe(ExitCode.Done, run.Error);
        (run.Out + run.Error).ShouldNotContain(Canary);
        (await File.ReadAllTextAsync(folder["token"])).ShouldBe(Canary);
    }

    [Fact]
    public async Task Add_NoPlaceForTheSecret_ExitsUsageAndMakesNone()
    {
        await using var server = await StubServer.AnsweringAsync(Issued, 201);

        var run = await CommandRun.AgainstAsync(server, "principal", "credential", "add", "ci", "--kind", "token");

        run.ExitCode.ShouldBe(ExitCode.Usage);
        server.Requests.ShouldBeEmpty();
    }

    [Fact]
    public async Task Add_PasswordFromStandardInput_IsSentAndNotShown()
    {
        await using var server = await StubServer.AnsweringAsync(new { credential = new { id = "c-1", kind = "password", scopes = new[] { "*" } } }, 201);

        var run = await CommandRun.AgainstAsync(server, "Canary-Given-1\n", ["principal", "credential", "add", "ci", "--kind", "password", "--password-stdin"]);

        run.ExitCode.ShouldBe(ExitCode.Done, run.Error);
        server.Requests.Single().Body.ShouldBe("""{"kind":"password","password":"Canary-Given-1"}""");
        (run.Out + run.Error).ShouldNotContain("Canary-Given-1");
    }

    [Fact]
    public async Task Add_PasswordGivenAndAskedFor_ExitsUsage()
    {
        await using var server = await StubServer.AnsweringAsync(Issued, 201);

        var run = await CommandRun.AgainstAsync(server, "Canary-Given-1\n", ["principal", "credential", "add", "ci", "--kind", "password", "--password-stdin", "--show"]);

        run.ExitCode.ShouldBe(ExitCode.Usage);
        server.Requests.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("30")]
    [InlineData("d")]
    [InlineData("-1d")]
    [InlineData("0h")]
    [InlineData("1w")]
    [InlineData("")]
    public async Task Add_NoTime_ExitsUsage(string time)
    {
        await using var server = await StubServer.AnsweringAsync(Issued, 201);

        var run = await CommandRun.AgainstAsync(server, "principal", "credential", "add", "ci", "--kind", "token", "--show", "--expires-in", time);

        run.ExitCode.ShouldBe(ExitCode.Usage);
        server.Requests.ShouldBeEmpty();
    }

    [Fact]
    public async Task List_Credentials_ShowsWhatTheyAreFor()
    {
        await using var server = await StubServer.AnsweringAsync(new { credentials = new[] { Credential } });

        var run = await CommandRun.AgainstAsync(server, "principal", "credential", "list", "ci");

        run.Out.ShouldContain(AccessKey);
        run.Out.ShouldContain("never");
    }

    [Fact]
    public async Task Revoke_Credential_IsTheApisDelete()
    {
        await using var server = await StubServer.AnsweringAsync(new { });

        var run = await CommandRun.AgainstAsync(server, "principal", "credential", "revoke", "ci", "c-1");

        run.ExitCode.ShouldBe(ExitCode.Done, run.Error);
        (server.Requests.Single().Method, server.Requests.Single().Target).ShouldBe(("DELETE", "/api/v1/principals/ci/credentials/c-1"));
    }
}
