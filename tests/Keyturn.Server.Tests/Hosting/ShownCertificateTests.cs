using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Keyturn.Server.Hosting;

namespace Keyturn.Server.Tests.Hosting;

public sealed class ShownCertificateTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("keyturn-shown-");
    private int _made;

    private string CertificatePath => Path.Combine(_folder.FullName, "cert.pem");

    private string KeyPath => Path.Combine(_folder.FullName, "key.pem");

    private ServerOptions Options => new() { Store = "", CertificatePath = CertificatePath, CertificateKeyPath = KeyPath };

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void Reload_FilesReplaced_ShowsTheNewOne()
    {
        Write(Make("first"));
        var shown = new ShownCertificate(Options, TimeProvider.System);
        shown.Context!.TargetCertificate.Subject.ShouldBe("CN=first");
        shown.Reload().ShouldBeFalse("nothing has changed");

        Write(Make("second"));

        shown.Reload().ShouldBeTrue();
        shown.Context!.TargetCertificate.Subject.ShouldBe("CN=second");
        shown.Reload().ShouldBeFalse();
    }

    [Fact]
    public void Reload_OnlyTheCertificateIsThereYet_KeepsThePresentOneUntilTheKeyIsToo()
    {
        Write(Make("first"));
        var shown = new ShownCertificate(Options, TimeProvider.System);
        var (certificate, key) = Make("second");

        Write(CertificatePath, certificate);
        Should.Throw<IOException>(() => shown.Reload());
        shown.Context!.TargetCertificate.Subject.ShouldBe("CN=first");
        shown.Reload().ShouldBeFalse("the same files are not read again");

        Write(KeyPath, key);
        shown.Reload().ShouldBeTrue();
        shown.Context!.TargetCertificate.Subject.ShouldBe("CN=second");
    }

    [Fact]
    public async Task Server_RenewedCertificate_IsShownToNewConnections()
    {
        Write(Make("first"));
        await using var server = await RunningServer.StartAsync(given => given with { Urls = ["https://127.0.0.1:0"], CertificatePath = CertificatePath, CertificateKeyPath = KeyPath });
        (await SubjectAsync(server)).ShouldBe("CN=first");

        Write(Make("second"));

        for (var i = 0; i < 100 && await SubjectAsync(server) != "CN=second"; i++)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System);
        }

        (await SubjectAsync(server)).ShouldBe("CN=second");
    }

    private static async Task<string?> SubjectAsync(RunningServer server)
    {
        string? subject = null;
        using var handler = new SocketsHttpHandler();
        handler.SslOptions.RemoteCertificateValidationCallback = (_, certificate, _, _) =>
        {
            subject = certificate!.Subject;
            return certificate.Issuer == certificate.Subject;
        };
        using var client = new HttpClient(handler) { BaseAddress = server.Address };
        (await client.GetStringAsync("/health/live")).ShouldBe("live");
        return subject;
    }

    private static (string Certificate, string Key) Make(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var now = TimeProvider.System.GetUtcNow();
        using var certificate = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256).CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
        return (certificate.ExportCertificatePem(), key.ExportPkcs8PrivateKeyPem());
    }

    private void Write((string Certificate, string Key) pair)
    {
        Write(KeyPath, pair.Key);
        Write(CertificatePath, pair.Certificate);
    }

    /// <summary>With a time of its own, however coarse the file system's clock is.</summary>
    private void Write(string path, string text)
    {
        File.WriteAllText(path, text);
        File.SetLastWriteTimeUtc(path, DateTime.UnixEpoch.AddDays(++_made));
    }
}
