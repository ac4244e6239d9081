using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Http;

namespace Keyturn.Cli.Tests.Api;

public sealed class ConnectionTests
{
    [Fact]
    public async Task Status_NobodyListens_ExitsUnreachableAndSaysWhatToCheck()
    {
        var run = await CommandRun.RunAsync(["status", "--server", "https://127.0.0.1:1"], environment: new() { ["KEYTURN_TOKEN"] = CommandRun.Token });

        run.ExitCode.ShouldBe(ExitCode.Unreachable);
        run.Error.ShouldContain("--server");
    }

    [Fact]
    public async Task Reset_AnswerLost_IsUndecidedAndNamesTheKeyToAskAgainWith()
    {
        await using var server = await StubServer.HangingUpAsync();

        var run = await CommandRun.AgainstAsync(server, "account", "reset", "orders", "app");

        run.ExitCode.ShouldBe(ExitCode.Undecided);
        run.Error.ShouldContain($"--idempotency-key {server.Requests[0].Headers["Idempotency-Key"]}");
    }

    [Fact]
    public async Task Check_AnswerLost_IsUnreachableBecauseItChangesNothing()
    {
        await using var server = await StubServer.HangingUpAsync();

        var run = await CommandRun.AgainstAsync(server, "a password", ["account", "check", "orders", "app", "--password-stdin"]);

        run.ExitCode.ShouldBe(ExitCode.Unreachable);
    }

    [Fact]
    public async Task Drop_AnswerLost_IsUndecided()
    {
        await using var server = await StubServer.HangingUpAsync();

        var run = await CommandRun.AgainstAsync(server, "account", "drop", "orders", "app", "--yes");

        run.ExitCode.ShouldBe(ExitCode.Undecided);
    }

    [Fact]
    public async Task Status_NoKeyturnThere_ExitsUnreachable()
    {
        await using var server = await StubServer.StartAsync(context => context.Response.WriteAsync("<html>"));

        var run = await CommandRun.AgainstAsync(server, "status");

        run.ExitCode.ShouldBe(ExitCode.Unreachable);
        run.Error.ShouldContain("not Keyturn");
    }

    [Theory]
    [InlineData("http://keyturn.example")]
    [InlineData("ftp://127.0.0.1")]
    [InlineData("127.0.0.1:8443")]
    [InlineData("https://user@127.0.0.1")]
    public async Task Status_AddressNotToBeUsed_ExitsUsage(string url)
    {
        var run = await CommandRun.RunAsync(["status", "--server", url], environment: new() { ["KEYTURN_TOKEN"] = CommandRun.Token });

        run.ExitCode.ShouldBe(ExitCode.Usage);
    }

    [Fact]
    public async Task Status_PrivateCa_IsTrustedOnlyWhenNamed()
    {
        using var folder = new TemporaryFolder();
        using var certificate = SelfSigned();
        await File.WriteAllTextAsync(folder["ca.pem"], certificate.ExportCertificatePem());
        await using var server = await StubServer.StartAsync(context => context.Response.WriteAsJsonAsync(new { version = "1" }), certificate);

        var trusting = await CommandRun.AgainstAsync(server, "status", "--ca", folder["ca.pem"]);
        var distrusting = await CommandRun.AgainstAsync(server, "status");

        trusting.ExitCode.ShouldBe(ExitCode.Done, trusting.Error);
        distrusting.ExitCode.ShouldBe(ExitCode.Unreachable);
        server.Requests.ShouldHaveSingleItem();
    }

    [Fact]
    public async Task Status_NoToken_ExitsUsageAndAsksNobody()
    {
        await using var server = await StubServer.AnsweringAsync(new { });

        var run = await CommandRun.RunAsync(["status", "--server", server.Url]);

        run.ExitCode.ShouldBe(ExitCode.Usage);
        run.Error.ShouldContain("--token-file");
        server.Requests.ShouldBeEmpty();
    }

    [Fact]
    public async Task Status_TokenFile_IsSentAsBearerWithoutItsLineEnd()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder["token"], "kt_from-file\n");
        await using var server = await StubServer.AnsweringAsync(new { version = "1" });

        await CommandRun.AgainstAsync(server, "status", "--token-file", folder["token"]);

        server.Requests.Single().Headers.Authorization.ToString().ShouldBe("Bearer kt_from-file");
    }

    [Fact]
    public async Task Status_TokenOfTwoLines_ExitsUsageWithoutShowingIt()
    {
        var run = await CommandRun.RunAsync(["status"], environment: new() { ["KEYTURN_TOKEN"] = "canary\ncanary" });

        run.ExitCode.ShouldBe(ExitCode.Usage);
        run.Error.ShouldNotContain("canary");
    }

    private static X509Certificate2 SelfSigned()
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        var now = TimeProvider.System.GetUtcNow();
        return request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
    }
}
