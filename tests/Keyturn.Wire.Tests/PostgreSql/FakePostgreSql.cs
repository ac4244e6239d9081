using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Keyturn.Wire.Tests.PostgreSql;

/// <summary>A peer that speaks PostgreSQL's protocol as far, and as badly, as a test wants. It serves one connection.</summary>
internal sealed class FakePostgreSql : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _end = new(TimeSpan.FromSeconds(20));
    private readonly Task _serving;

    private FakePostgreSql(Func<FakePeer, Task> script)
    {
        _listener.Start();
        _serving = ServeAsync(script);
    }

    public static X509Certificate2 Certificate { get; } = SelfSigned();

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Serves by the script, which starts before the startup message.</summary>
    public static FakePostgreSql Raw(Func<FakePeer, Task> script) => new(script);

    /// <summary>Serves by the script, without TLS and after the startup message.</summary>
    public static FakePostgreSql Started(Func<FakePeer, Task> script) => new(async peer =>
    {
        await peer.ReadStartupAsync();
        await script(peer);
    });

    /// <summary>Serves by the script, over TLS and after the startup message.</summary>
    public static FakePostgreSql Encrypted(Func<FakePeer, Task> script) => new(async peer =>
    {
        await peer.ReadStartupAsync();
        await peer.WriteAsync([(byte)'S']);
        await peer.StartTlsAsync(Certificate);
        await peer.ReadStartupAsync();
        await script(peer);
    });

    /// <summary>What went wrong in the script, if anything: a test that ends well has a script that did.</summary>
    public async Task EndAsync() => await _serving;

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _listener.Stop();
        await Task.WhenAny(_serving);
        _end.Dispose();
    }

    private async Task ServeAsync(Func<FakePeer, Task> script)
    {
        using var client = await _listener.AcceptTcpClientAsync(_end.Token);
        await script(new FakePeer(client.GetStream(), _end.Token));
    }

    private static X509Certificate2 SelfSigned()
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA384, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        using var certificate = request.CreateSelfSigned(TimeProvider.System.GetUtcNow().AddHours(-1), TimeProvider.System.GetUtcNow().AddHours(1));
        return X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pkcs12), password: null);
    }
}
