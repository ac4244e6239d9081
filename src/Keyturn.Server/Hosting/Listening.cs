using System.Net;
using System.Net.Security;
using Keyturn.Server.Doors;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace Keyturn.Server.Hosting;

/// <summary>Kestrel, as these options ask for it.</summary>
internal static class Listening
{
    /// <summary>Bodies are small; the largest part of one is a CA bundle.</summary>
    public const int MaxBodyBytes = 1 << 20;

    /// <summary>For the first byte of a connection, for the headers of a request, and before a slow body counts as one.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    public static void Listen(this IWebHostBuilder web, ServerOptions options, ShownCertificate certificate) => web.UseKestrelCore().ConfigureKestrel(kestrel =>
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.Set(options);
        foreach (var address in options.Urls.Select(url => ListenAddress.TryParse(url)!))
        {
            Listen(kestrel, address, certificate);
        }

        foreach (var dialect in options.Dialects.Where(dialect => dialect.IsListener))
        {
            Listen(kestrel, ListenAddress.TryParse(dialect.Url)!, certificate, DoorList.Find(dialect.Door));
        }
    });

    /// <summary>A client that takes its time holds a connection and some kilobytes, and that not for long. Kestrel itself answers 408, 414 and 431.</summary>
    private static void Set(this KestrelServerLimits limits, ServerOptions options)
    {
        limits.MaxRequestBodySize = MaxBodyBytes;
        limits.MaxRequestLineSize = 8 << 10;
        limits.MaxRequestHeaderCount = 100;
        limits.MaxRequestHeadersTotalSize = 32 << 10;
        limits.MinRequestBodyDataRate = new MinDataRate(bytesPerSecond: 240, gracePeriod: Patience);
        limits.MinResponseDataRate = new MinDataRate(bytesPerSecond: 240, gracePeriod: Patience);
        limits.RequestHeadersTimeout = Patience;
        limits.KeepAliveTimeout = TimeSpan.FromMinutes(1);
        limits.MaxConcurrentConnections = options.MaxConnections;
        limits.Http2.MaxStreamsPerConnection = 100;
        limits.Http2.MaxRequestHeaderFieldSize = 16 << 10;
    }

    private static void Listen(KestrelServerOptions kestrel, ListenAddress address, ShownCertificate certificate, Door? door = null)
    {
        if (Equals(address.Address, IPAddress.IPv6Any))
        {
            // Falls back to IPv4 where the system has no IPv6.
            kestrel.ListenAnyIP(address.Port, Configure);
        }
        else if (address.Address is { } ip)
        {
            kestrel.Listen(ip, address.Port, Configure);
        }
        else if (address.Port == 0)
        {
            // The system chooses a port per address: "localhost" would get two.
            kestrel.Listen(IPAddress.Loopback, port: 0, Configure);
        }
        else
        {
            kestrel.ListenLocalhost(address.Port, Configure);
        }

        void Configure(ListenOptions listen)
        {
            kestrel.ApplicationServices.GetRequiredService<DoorAddresses>().Add(door, listen, address.IsTls);
            if (door is not null)
            {
                listen.Use(next => connection =>
                {
                    connection.Features.Set(new ListenerDoor(door));
                    return next(connection);
                });
            }

            // Without TLS there is no ALPN to agree on HTTP/2 with.
            listen.Protocols = address.IsTls ? HttpProtocols.Http1AndHttp2 : HttpProtocols.Http1;
            if (address.IsTls)
            {
                listen.UseHttps(new TlsHandshakeCallbackOptions
                {
                    OnConnection = _ => ValueTask.FromResult(new SslServerAuthenticationOptions { ServerCertificateContext = certificate.Context }),
                });
            }

            listen.Use(HangUpOnSilence);
        }
    }

    /// <summary>Kestrel gives a connection that has not said anything yet as long as one that rests between two requests.</summary>
    private static ConnectionDelegate HangUpOnSilence(ConnectionDelegate next) => async connection =>
    {
        using var patience = new CancellationTokenSource(Patience, TimeProvider.System);
        try
        {
            var first = await connection.Transport.Input.ReadAsync(patience.Token);
            connection.Transport.Input.AdvanceTo(first.Buffer.Start);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException)
        {
            return;
        }

        await next(connection);
    };
}
