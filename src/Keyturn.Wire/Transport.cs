using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace Keyturn.Wire;

/// <summary>
/// Bytes to and from one server: a socket, upgraded to TLS where the protocol says so. Knows nothing of messages.
/// </summary>
/// <remarks>
/// Every operation takes the caller's token, which carries the deadline; what goes wrong is a <see cref="WireException"/>. Reads are
/// buffered, and a buffer that holds bytes when TLS starts is refused: they were sent before the handshake, by whoever sits in between.
/// </remarks>
public sealed class Transport : IAsyncDisposable
{
    private readonly Socket _socket;
    private readonly string _host;
    private readonly byte[] _buffer = new byte[8192];
    private Stream _stream;
    private int _start;
    private int _end;
    private bool _sent;

    private Transport(Socket socket, string host)
    {
        _socket = socket;
        _host = host;
        _stream = new NetworkStream(socket, ownsSocket: true);
    }

    /// <summary>True once TLS protects the connection, whoever is at its other end.</summary>
    public bool IsEncrypted => _stream is SslStream;

    /// <summary>True where a clear password may be sent: TLS with a verified certificate, or a local socket.</summary>
    public bool IsTrusted { get; private set; }

    /// <summary>True where the other end is on this machine: a local socket, or a loopback address.</summary>
    public bool IsLoopback => _socket.AddressFamily == AddressFamily.Unix || (_socket.RemoteEndPoint is IPEndPoint { Address: var peer } && IsLoopbackAddress(peer));

    /// <summary>Negotiated protocol, <c>TLSv1.3</c> or <c>TLSv1.2</c>; null without TLS.</summary>
    public string? TlsProtocol => _stream is SslStream tls ? (tls.SslProtocol == SslProtocols.Tls13 ? "TLSv1.3" : "TLSv1.2") : null;

    /// <summary>The server's certificate; null without TLS. For SCRAM's channel binding.</summary>
    public X509Certificate2? RemoteCertificate => (_stream as SslStream)?.RemoteCertificate as X509Certificate2;

    /// <summary>Connects to <paramref name="host"/> (a name, an address, or the absolute path of a local socket).</summary>
    public static async ValueTask<Transport> ConnectAsync(string host, int port, CancellationToken cancel)
    {
        if (IPAddress.TryParse(host, out var literal))
        {
            PeerAddress.Refuse(literal, host);
        }

        var isLocalSocket = Path.IsPathRooted(host);
        var socket = isLocalSocket
            ? new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified)
            : new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await (isLocalSocket
                ? socket.ConnectAsync(new UnixDomainSocketEndPoint(host), cancel)
                : socket.ConnectAsync(host, port, cancel));
            if (socket.RemoteEndPoint is IPEndPoint { Address: var peer })
            {
                // What was reached, whatever the name meant a moment ago. Nothing has been sent to it yet.
                PeerAddress.Refuse(peer, host);
            }

            return new Transport(socket, host) { IsTrusted = isLocalSocket };
        }
        catch (WireException)
        {
            socket.Dispose();
            throw;
        }
        catch (Exception error) when (error is SocketException or OperationCanceledException or ArgumentException)
        {
            socket.Dispose();
            throw Fault(error, sent: false, $"cannot connect to {host}:{port}");
        }
    }

    /// <summary>Starts TLS on the connection, with the first bytes of the handshake the next that are sent.</summary>
    public async ValueTask StartTlsAsync(WireTls options, CancellationToken cancel)
    {
        if (_start != _end)
        {
            throw WireException.Violation("the server sent bytes before the TLS handshake");
        }

        var tls = new SslStream(_stream, leaveInnerStreamOpen: false);
        try
        {
            var handshake = new SslClientAuthenticationOptions();
            options.ApplyTo(handshake, _host);
            await tls.AuthenticateAsClientAsync(handshake, cancel);
        }
        catch (Exception error) when (error is AuthenticationException or IOException or OperationCanceledException or InvalidOperationException)
        {
            await tls.DisposeAsync();
            throw error is AuthenticationException or InvalidOperationException
                ? new WireException(WireFault.TlsRejected, $"TLS with {_host} failed: {(error.InnerException ?? error).Message}", error)
                : Fault(error, sent: false, $"TLS handshake with {_host}");
        }

        _stream = tls;
        IsTrusted = options.Mode is WireTlsMode.VerifyFull or WireTlsMode.VerifyCa;
    }

    /// <summary>
    /// Set by protocols before they send a password, or a proof of it: from then on the server can judge it, and a connection that breaks leaves open what it thinks.
    /// </summary>
    public bool IsPasswordSent { get; set; }

    /// <summary>Sends all of <paramref name="bytes"/>.</summary>
    public async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancel)
    {
        try
        {
            cancel.ThrowIfCancellationRequested();
            _sent = true;
            await _stream.WriteAsync(bytes, cancel);
        }
        catch (Exception error) when (error is IOException or SocketException or OperationCanceledException or ObjectDisposedException)
        {
            throw Fault(error, _sent, $"writing to {_host}", IsPasswordSent);
        }
    }

    /// <summary>Fills <paramref name="bytes"/>; a connection that ends before is <see cref="WireFault.ConnectionLost"/>.</summary>
    public async ValueTask ReadAsync(Memory<byte> bytes, CancellationToken cancel)
    {
        while (bytes.Length > 0)
        {
            if (_start == _end)
            {
                await FillAsync(cancel);
            }

            var count = Math.Min(bytes.Length, _end - _start);
            _buffer.AsMemory(_start, count).CopyTo(bytes);
            _start += count;
            bytes = bytes[count..];
        }
    }

    /// <summary>The next byte.</summary>
    public async ValueTask<byte> ReadByteAsync(CancellationToken cancel)
    {
        if (_start == _end)
        {
            await FillAsync(cancel);
        }

        return _buffer[_start++];
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stream.DisposeAsync();
        _socket.Dispose();
    }

    // Our sockets speak both versions of IP; of the older one's addresses in the newer one's form .NET takes 127.0.0.1 alone for loopback.
    private static bool IsLoopbackAddress(IPAddress address) => IPAddress.IsLoopback(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address);

    private async ValueTask FillAsync(CancellationToken cancel)
    {
        try
        {
            _start = 0;
            _end = 0;
            _end = await _stream.ReadAsync(_buffer, cancel);
        }
        catch (Exception error) when (error is IOException or SocketException or OperationCanceledException or ObjectDisposedException)
        {
            throw Fault(error, _sent, $"reading from {_host}", IsPasswordSent);
        }

        if (_end == 0)
        {
            throw new WireException(WireFault.ConnectionLost, $"{_host} closed the connection") { MayHaveSent = _sent, MayHaveSentPassword = IsPasswordSent };
        }
    }

    private static WireException Fault(Exception error, bool sent, string doing, bool isPasswordSent = false)
    {
        var fault = error switch
        {
            OperationCanceledException => WireFault.TimedOut,
            SocketException { SocketErrorCode: SocketError.HostNotFound or SocketError.TryAgain or SocketError.NoData } => WireFault.NameNotResolved,
            SocketException or ArgumentException when !sent => WireFault.Unreachable,
            _ => WireFault.ConnectionLost,
        };
        var why = fault == WireFault.TimedOut ? "no answer in time" : (error.InnerException ?? error).Message;
        return new WireException(fault, $"{doing}: {why}", error) { MayHaveSent = sent, MayHaveSentPassword = isPasswordSent };
    }
}
