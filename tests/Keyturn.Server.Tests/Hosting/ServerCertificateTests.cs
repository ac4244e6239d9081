using System.Net;
using System.Security.Cryptography.X509Certificates;
using Keyturn.Server.Hosting;

namespace Keyturn.Server.Tests.Hosting;

public sealed class ServerCertificateTests
{
    [Fact]
    public async Task Start_HttpsWithoutCertificate_ServesAClientThatTrustsTheDevelopmentOne()
    {
        ServerOptions? options = null;
        await using var server = await RunningServer.StartAsync(given => options = given with { Urls = ["https://127.0.0.1:0"] });
        using var trusted = X509CertificateLoader.LoadCertificateFromFile(ServerCertificate.DevelopmentPath(options!));
        using var handler = new SocketsHttpHandler();
        handler.SslOptions.CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        handler.SslOptions.CertificateChainPolicy.CustomTrustStore.Add(trusted);
        using var client = new HttpClient(handler) { BaseAddress = server.Address, DefaultRequestVersion = HttpVersion.Version20, DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact };

        using var response = await client.GetAsync("/health/live");

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        response.Version.ShouldBe(HttpVersion.Version20);
        await Should.ThrowAsync<HttpRequestException>(() => server.Anonymous.GetAsync("/health/live"));
    }

    [Fact]
    public void Load_DevelopmentCertificate_IsKeptForItsOwnerOnlyAndUsedAgain()
    {
        var folder = Directory.CreateTempSubdirectory("keyturn-certificate-");
        try
        {
            var options = new ServerOptions { Store = Path.Combine(folder.FullName, "keyturn.db") };

            var first = ServerCertificate.Load(options, TimeProvider.System)!;
            var second = ServerCertificate.Load(options, TimeProvider.System)!;

            second[0].Thumbprint.ShouldBe(first[0].Thumbprint);
            first[0].HasPrivateKey.ShouldBeTrue();
            var key = Directory.GetFiles(folder.FullName, "*key.pem").ShouldHaveSingleItem();
            if (!OperatingSystem.IsWindows())
            {
                File.GetUnixFileMode(key).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void Load_FileWithoutEnd_IsRefusedAndNotReadToIt()
    {
        const string endless = "/dev/zero";
        var options = new ServerOptions { Store = "keyturn.db", CertificatePath = endless, CertificateKeyPath = endless };

        Should.Throw<IOException>(() => ServerCertificate.Load(options, TimeProvider.System)).Message.ShouldContain($"{endless} is longer than");
    }

    [Fact]
    public void Load_FilesAreNoPair_SaysWhich()
    {
        var path = typeof(ServerCertificateTests).Assembly.Location;
        var options = new ServerOptions { Store = path, CertificatePath = path, CertificateKeyPath = path };

        Should.Throw<IOException>(() => ServerCertificate.Load(options, TimeProvider.System)).Message.ShouldContain(path);
    }
}
