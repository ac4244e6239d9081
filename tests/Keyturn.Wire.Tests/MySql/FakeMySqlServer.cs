using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Keyturn.Wire.MySql;

namespace Keyturn.Wire.Tests.MySql;

/// <summary>A server that says what a test tells it to, to one client, and keeps all that it hears.</summary>
internal sealed class FakeMySqlServer : IAsyncDisposable
{
    public const string Password = "S3cret canary";
    public static readonly byte[] Nonce = [.. Enumerable.Range(1, 20).Select(number => (byte)number)];

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _end = new();
    private readonly List<byte> _heard = [];
    private readonly Task _running;
    private Stream _stream = Stream.Null;
    private byte _sequence;

    public FakeMySqlServer(Func<FakeMySqlServer, Task> script)
    {
        _listener.Start();
        _running = RunAsync(script);
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Payloads as they came, decrypted.</summary>
    public List<byte[]> Packets { get; } = [];

    /// <summary>Whether the password was among what was heard, in clear.</summary>
    public bool HasHeardThePassword => Encoding.Latin1.GetString([.. _heard]).Contains(Password, StringComparison.Ordinal);

    /// <summary>Connects and logs in with <see cref="Password"/>.</summary>
    public async Task<LoginReply> LoginAsync(WireTlsMode mode = WireTlsMode.Disable, string password = Password, TimeSpan? limit = null)
    {
        using var deadline = new CancellationTokenSource(limit ?? TimeSpan.FromSeconds(20));
        await using var connection = await MySqlConnection.ConnectAsync("127.0.0.1", Port, new WireTls(mode), deadline.Token);
        return await connection.LoginAsync("app", password, deadline.Token);
    }

    public async Task<WireFault> FaultAsync(WireTlsMode mode = WireTlsMode.Disable, TimeSpan? limit = null) =>
        (await Should.ThrowAsync<WireException>(() => LoginAsync(mode, limit: limit))).Fault;

    public Task GreetAsync(string plugin = "mysql_native_password", uint capabilities = 0x0028AA01) => SendAsync(Greeting(plugin, capabilities));

    public static byte[] Greeting(string plugin = "mysql_native_password", uint capabilities = 0x0028AA01) =>
        [
            10, .. "9.7.4"u8, 0, 42, 0, 0, 0, .. Nonce[..8], 0, (byte)capabilities, (byte)(capabilities >> 8), 45, 2, 0,
            (byte)(capabilities >> 16), (byte)(capabilities >> 24), 21, .. new byte[10], .. Nonce[8..], 0, .. Encoding.ASCII.GetBytes(plugin), 0];

    public Task SwitchAsync(string plugin, byte[]? nonce = null) =>
        SendAsync([0xFE, .. Encoding.ASCII.GetBytes(plugin), 0, .. nonce ?? [.. Nonce, 0]]);

    public Task OkAsync() => SendAsync([0, 0, 0, 2, 0, 0, 0]);

    public Task ErrorAsync(int code, string message = "no") => SendAsync([0xFF, (byte)code, (byte)(code >> 8), .. "#28000"u8, .. Encoding.UTF8.GetBytes(message)]);

    /// <summary>Greets, takes the client's answer, lets it in, and takes one statement.</summary>
    public async Task AcceptStatementAsync()
    {
        await GreetAsync();
        await ReceiveAsync();
        await OkAsync();
        await ReceiveAsync();
        _sequence = 1;
    }

    public Task SendAsync(params byte[] payload) => SendRawAsync([(byte)payload.Length, (byte)(payload.Length >> 8), (byte)(payload.Length >> 16), _sequence++, .. payload]);

    public async Task SendRawAsync(params byte[] bytes) => await _stream.WriteAsync(bytes, _end.Token);

    public async Task<byte[]> ReceiveAsync()
    {
        var header = await HearAsync(4);
        _sequence = (byte)(header[3] + 1);
        var payload = await HearAsync(header[0] | (header[1] << 8) | (header[2] << 16));
        Packets.Add(payload);
        return payload;
    }

    /// <summary>Takes the SSLRequest and goes on under a certificate of its own making.</summary>
    public async Task StartTlsAsync()
    {
        await ReceiveAsync();
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = new CertificateRequest("CN=nobody knows", key, HashAlgorithmName.SHA256)
            .CreateSelfSigned(new DateTimeOffset(2020, 1, 1, 0, 0, 0, TimeSpan.Zero), new DateTimeOffset(2120, 1, 1, 0, 0, 0, TimeSpan.Zero));
        var tls = new SslStream(_stream);
        await tls.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = certificate }, _end.Token);
        _stream = tls;
    }

    /// <summary>Closes the connection, which is the end of the script.</summary>
    public async Task CloseAsync()
    {
        await _stream.DisposeAsync();
        throw new IOException();
    }

    /// <summary>Says nothing until the test is over.</summary>
    public Task HangAsync() => Task.Delay(Timeout.Infinite, _end.Token);

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _listener.Stop();
        await _running;
        await _stream.DisposeAsync();
        _end.Dispose();
    }

    private async Task RunAsync(Func<FakeMySqlServer, Task> script)
    {
        try
        {
            var client = await _listener.AcceptSocketAsync(_end.Token);
            _stream = new NetworkStream(client, ownsSocket: true);
            await script(this);
            await HearAsync(int.MaxValue);
        }
        catch (Exception error) when (error is OperationCanceledException or IOException or SocketException or System.Security.Authentication.AuthenticationException)
        {
            // The client has left, or the test is over.
        }
    }

    private async Task<byte[]> HearAsync(int count)
    {
        var bytes = new List<byte>();
        var buffer = new byte[1];
        while (bytes.Count < count)
        {
            if (await _stream.ReadAsync(buffer, _end.Token) == 0)
            {
                throw new IOException();
            }

            bytes.Add(buffer[0]);
            _heard.Add(buffer[0]);
        }

        return [.. bytes];
    }
}
