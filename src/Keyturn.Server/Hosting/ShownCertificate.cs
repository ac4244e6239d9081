using System.Net.Security;

namespace Keyturn.Server.Hosting;

/// <summary>
/// The certificate that new connections are shown. It is read again when its files have changed, so that a renewed one needs no restart; files that hold
/// no pair leave the present one in use, and a renewal that is caught between its two files is read when the second has come.
/// </summary>
internal sealed class ShownCertificate
{
    private readonly ServerOptions _options;
    private readonly TimeProvider _clock;
    private (FileStamp Certificate, FileStamp Key) _seen;

    /// <exception cref="IOException">A file cannot be read or holds no such thing.</exception>
    public ShownCertificate(ServerOptions options, TimeProvider clock)
    {
        (_options, _clock) = (options, clock);
        Context = Read();
        _seen = Stamps();
    }

    /// <summary>What a handshake shows; null where no address needs one.</summary>
    public SslStreamCertificateContext? Context { get; private set; }

    /// <summary>Reads the files if they have changed; true if another certificate is shown from now on.</summary>
    /// <exception cref="IOException">They hold no pair. They are read again when they have changed once more.</exception>
    public bool Reload()
    {
        var stamps = Stamps();
        if (stamps == _seen)
        {
            return false;
        }

        _seen = stamps;
        Context = Read();
        return true;
    }

    private (FileStamp, FileStamp) Stamps() => (FileStamp.Of(_options.CertificatePath), FileStamp.Of(_options.CertificateKeyPath));

    private SslStreamCertificateContext? Read() => ServerCertificate.Load(_options, _clock) is { } chain
        ? SslStreamCertificateContext.Create(chain[0], chain, offline: true)
        : null;
}

/// <summary>Looks every few seconds whether the certificate's files have changed.</summary>
internal sealed class CertificateReload(ShownCertificate certificate, TimeProvider clock, ILogger<CertificateReload> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Periodic.RunAsync(Interval, ReloadAsync, error => ServerLog.CertificateNotRead(logger, error), clock, stoppingToken);

    private Task ReloadAsync()
    {
        if (certificate.Reload())
        {
            ServerLog.CertificateRead(logger, certificate.Context!.TargetCertificate.Subject, certificate.Context.TargetCertificate.NotAfter);
        }

        return Task.CompletedTask;
    }
}
