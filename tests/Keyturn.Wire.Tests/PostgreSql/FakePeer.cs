using System.Buffers.Binary;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Keyturn.Wire.Sasl;

namespace Keyturn.Wire.Tests.PostgreSql;

/// <summary>The server's end of one connection.</summary>
internal sealed class FakePeer(Stream stream, CancellationToken cancel)
{
    private Stream _stream = stream;

    public async Task StartTlsAsync(X509Certificate2 certificate)
    {
        var tls = new SslStream(_stream);
        await tls.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = certificate }, cancel);
        _stream = tls;
    }

    public async Task WriteAsync(byte[] bytes) => await _stream.WriteAsync(bytes, cancel);

    public Task SendAsync(char tag, params byte[] body)
    {
        var message = new byte[5 + body.Length];
        message[0] = (byte)tag;
        BinaryPrimitives.WriteInt32BigEndian(message.AsSpan(1), 4 + body.Length);
        body.CopyTo(message, 5);
        return WriteAsync(message);
    }

    public Task AuthenticationAsync(int kind, params byte[] data) => SendAsync('R', [0, 0, 0, (byte)kind, .. data]);

    public Task ErrorAsync(string code, string message) => SendAsync('E', Encoding.UTF8.GetBytes($"SFATAL\0C{code}\0M{message}\0\0"));

    public async Task WelcomeAsync()
    {
        await AuthenticationAsync(0);
        await SendAsync('S', Encoding.UTF8.GetBytes("server_version\015.0\0"));
        await SendAsync('K', 0, 0, 0, 1, 0, 0, 0, 2);
        await SendAsync('Z', (byte)'I');
    }

    /// <summary>The body of a message without a tag: SSLRequest, StartupMessage.</summary>
    public async Task<byte[]> ReadStartupAsync()
    {
        var body = new byte[await ReadLengthAsync()];
        await _stream.ReadExactlyAsync(body, cancel);
        return body;
    }

    public async Task<(char Tag, byte[] Body)> ReadAsync()
    {
        var tag = new byte[1];
        await _stream.ReadExactlyAsync(tag, cancel);
        return ((char)tag[0], await ReadStartupAsync());
    }

    /// <summary>All that the client still sends before it leaves.</summary>
    public async Task<byte[]> ReadToEndAsync()
    {
        using var all = new MemoryStream();
        await _stream.CopyToAsync(all, cancel);
        return all.ToArray();
    }

    /// <summary>A whole SCRAM exchange for <paramref name="keys"/>; gives the client's mechanism and what it said of channel binding.</summary>
    public async Task<(string Mechanism, byte[] Binding)> ScramAsync(ScramKeys keys, params string[] mechanisms)
    {
        await AuthenticationAsync(10, [.. mechanisms.SelectMany(name => Encoding.ASCII.GetBytes(name + '\0')), 0]);
        var initial = (await ReadAsync()).Body;
        var mechanism = Encoding.ASCII.GetString(initial.AsSpan(0, Array.IndexOf(initial, (byte)0)));
        var first = Encoding.ASCII.GetString(initial.AsSpan(mechanism.Length + 5));
        var bareFirst = first[first.IndexOf("n=", StringComparison.Ordinal)..];
        var nonce = bareFirst[(bareFirst.IndexOf("r=", StringComparison.Ordinal) + 2)..] + "server";
        var serverFirst = $"r={nonce},s={Convert.ToBase64String(keys.Salt)},i={keys.Iterations}";
        await AuthenticationAsync(11, Encoding.ASCII.GetBytes(serverFirst));

        var final = Encoding.ASCII.GetString((await ReadAsync()).Body);
        var bareFinal = final[..final.IndexOf(",p=", StringComparison.Ordinal)];
        var authMessage = Encoding.ASCII.GetBytes($"{bareFirst},{serverFirst},{bareFinal}");
        CheckProof(keys, authMessage, Convert.FromBase64String(final[(bareFinal.Length + 3)..]));
        await AuthenticationAsync(12, Encoding.ASCII.GetBytes($"v={Convert.ToBase64String(HMACSHA256.HashData(keys.ServerKey, authMessage))}"));
        return (mechanism, Convert.FromBase64String(bareFinal[2..bareFinal.IndexOf(",r=", StringComparison.Ordinal)]));
    }

    // RFC 5802 section 3: the proof, taken from the signature, leaves a key whose hash is stored.
    private static void CheckProof(ScramKeys keys, byte[] authMessage, byte[] proof)
    {
        var signature = HMACSHA256.HashData(keys.StoredKey, authMessage);
        SHA256.HashData([.. proof.Zip(signature, (a, b) => (byte)(a ^ b))]).ShouldBe(keys.StoredKey);
    }

    private async Task<int> ReadLengthAsync()
    {
        var length = new byte[4];
        await _stream.ReadExactlyAsync(length, cancel);
        return BinaryPrimitives.ReadInt32BigEndian(length) - 4;
    }
}
