using System.Text;
using Keyturn.Wire.MySql.Authentication;
using Keyturn.Wire.MySql.Ed25519;

namespace Keyturn.Wire.MySql;

/// <summary>The connection phase of one connection: greeting, TLS, authentication. Used once.</summary>
/// <remarks>
/// https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_connection_phase.html. The password itself leaves only over a trusted
/// transport, whatever the server asks for; under the server's RSA key only where the instance has switched TLS off.
/// </remarks>
public sealed class MySqlLogin
{
    /// <summary>No greeting, challenge or key is anywhere near; it keeps a liar from taking memory.</summary>
    internal const int PacketLimit = 64 * 1024;

    /// <summary>A MariaDB account may have several alternatives, and the server switches once for each; more is a game.</summary>
    private const int MaxSwitches = 8;

    /// <summary>What the SHA-256 methods take for "no password".</summary>
    private static readonly byte[] NoPassword = [0];

    private readonly PacketFraming _framing;
    private readonly WireTls _tls;
    private readonly string _user;
    private readonly byte[] _password;
    private readonly PasswordTransfer _transfer;
    private readonly bool _isLocalSocket;
    private string _plugin = "";
    private byte[] _nonce = [];
    private bool _hasPasswordChecked;
    private bool _hasParsecRefused;

    /// <summary>A login over <paramref name="framing"/>, on which nothing was read yet.</summary>
    public MySqlLogin(PacketFraming framing, WireTls tls, string user, string password)
    {
        _framing = framing;
        _tls = tls;
        _user = user;
        _password = Encoding.UTF8.GetBytes(password);
        _transfer = new PasswordTransfer(framing, mayUseServerKey: tls.Mode == WireTlsMode.Disable, _password);
        _isLocalSocket = framing.Transport.IsTrusted;
    }

    /// <summary>The version that the greeting claims; empty before there was one.</summary>
    public string ServerVersion { get; private set; } = "";

    /// <summary>The connection's number in the greeting, cut to 32 bits.</summary>
    public uint ThreadId { get; private set; }

    /// <summary>
    /// How the server ended it. Codes are the server's error numbers; a refusal may come in place of the greeting, before anybody was named.
    /// </summary>
    public async ValueTask<LoginReply> RunAsync(CancellationToken cancel)
    {
        var first = await _framing.ReadAsync(PacketLimit, cancel);
        if (first[0] == ErrPacket.Header)
        {
            return Refused(first);
        }

        var greeting = HandshakeV10.Read(first);
        (ServerVersion, ThreadId) = (greeting.ServerVersion, greeting.ThreadId);
        await StartTlsAsync(greeting, cancel);
        await RespondAsync(greeting, cancel);
        try
        {
            return await AuthenticateAsync(cancel);
        }
        catch (WireException error) when (error.Fault == WireFault.ConnectionLost && _hasParsecRefused)
        {
            // Seen of MariaDB 11.8 over TLS, and its own client fares no better. Names that it does not know are treated as some account is.
            return NoVerdict("was to come after parsec, and the server closed the connection");
        }
    }

    private async ValueTask StartTlsAsync(HandshakeV10 greeting, CancellationToken cancel)
    {
        if (_tls.Mode == WireTlsMode.Disable)
        {
            return;
        }

        if (!greeting.Capabilities.HasFlag(Capabilities.Ssl))
        {
            throw new WireException(WireFault.TlsUnavailable, "the server offers no TLS");
        }

        await _framing.WriteAsync(SslRequest.Payload, cancel);
        await _framing.Transport.StartTlsAsync(_tls, cancel);
    }

    private async ValueTask RespondAsync(HandshakeV10 greeting, CancellationToken cancel)
    {
        _nonce = greeting.Nonce;

        // On a local socket the server may be content with the operating system's user. Naming no plugin makes it say which one it
        // wants, if it wants any, so that an OK at once shows that it did not ask.
        // Elsewhere: a greeting's plugin that is not ours does not matter, the server switches to that of the account.
        _plugin = (_isLocalSocket, greeting.AuthPlugin) switch
        {
            (true, _) => "",
            (_, AuthPlugin.CachingSha2) => AuthPlugin.CachingSha2,
            _ => AuthPlugin.Native,
        };
        var answer = _isLocalSocket ? [] : AnswerChallenge();
        _framing.Transport.IsPasswordSent |= answer.Length > 0;
        await _framing.WriteAsync(HandshakeResponse41.Payload(_framing.Transport.IsEncrypted, _user, answer, _plugin), cancel);
    }

    private async ValueTask<LoginReply> AuthenticateAsync(CancellationToken cancel)
    {
        LoginReply? reply = null;
        for (var switches = 0; reply is null;)
        {
            var packet = await _framing.ReadAsync(PacketLimit, cancel);
            reply = packet[0] switch
            {
                OkPacket.Header => new LoginReply(_hasPasswordChecked ? LoginVerdict.Accepted : LoginVerdict.NotAsked),
                ErrPacket.Header => Refused(packet),
                AuthMoreData.Header => await ContinueAsync(AuthMoreData.Read(packet), cancel),
                AuthSwitchRequest.Header when switches++ < MaxSwitches => await SwitchAsync(AuthSwitchRequest.Read(packet), cancel),
                _ => throw WireException.Violation($"packet 0x{packet[0]:X2} during authentication, after {switches} switches of plugin"),
            };
        }

        return reply;
    }

    private async ValueTask<LoginReply?> SwitchAsync(AuthSwitchRequest request, CancellationToken cancel)
    {
        _hasParsecRefused |= _plugin == AuthPlugin.Parsec && _hasPasswordChecked;
        (_plugin, _nonce, _hasPasswordChecked) = (request.AuthPlugin, request.Nonce, false);
        switch (_plugin)
        {
            case AuthPlugin.Native or AuthPlugin.CachingSha2 or AuthPlugin.Ed25519:
                _framing.Transport.IsPasswordSent = true;
                await _framing.WriteAsync(AnswerChallenge(), cancel);
                return null;
            case AuthPlugin.Parsec:
                RequireNonce();
                await _framing.WriteAsync(ReadOnlyMemory<byte>.Empty, cancel);
                return null;
            case AuthPlugin.Sha256 when _password.Length > 0:
                RequireNonce();
                return await TransferAsync(Sha256Password.RequestPublicKey, cancel);
            case AuthPlugin.Sha256:
                await _framing.WriteAsync(NoPassword, cancel);
                return null;
            default:
                return NoVerdict("is a method that Keyturn does not speak");
        }
    }

    /// <summary>What caching_sha2_password says to the scramble, and parsec's salt. All other methods have one answer and no more data.</summary>
    private async ValueTask<LoginReply?> ContinueAsync(ReadOnlyMemory<byte> data, CancellationToken cancel)
    {
        var isOpen = _plugin == AuthPlugin.CachingSha2 && _password.Length > 0 && !_hasPasswordChecked;
        switch (data.Span)
        {
            case [CachingSha2Password.FastAuthSuccess] when isOpen:
                _hasPasswordChecked = true;
                return null;
            case [CachingSha2Password.PerformFullAuthentication] when isOpen:
                return await TransferAsync(CachingSha2Password.RequestPublicKey, cancel);
            case [Parsec.Pbkdf2, ..] when _plugin == AuthPlugin.Parsec && !_hasPasswordChecked:
                return await SignAsync(data, cancel);
            default:
                throw WireException.Violation($"more data than {AuthPlugin.NameOf(_plugin)} has");
        }
    }

    private async ValueTask<LoginReply?> SignAsync(ReadOnlyMemory<byte> extendedSalt, CancellationToken cancel)
    {
        if (Parsec.Answer(_password, _nonce, extendedSalt.Span) is not { } answer)
        {
            return NoVerdict("derives the key in a way that Keyturn does not speak");
        }

        (_hasPasswordChecked, _framing.Transport.IsPasswordSent) = (true, true);
        await _framing.WriteAsync(answer, cancel);
        return null;
    }

    private async ValueTask<LoginReply?> TransferAsync(byte keyRequest, CancellationToken cancel)
    {
        _framing.Transport.IsPasswordSent = true;
        if (await _transfer.SendAsync(keyRequest, _nonce, cancel) is { } obstacle)
        {
            return NoVerdict(obstacle);
        }

        _hasPasswordChecked = true;
        return null;
    }

    /// <summary>
    /// The answer to a challenge. The one-step methods have the password checked by it; caching_sha2_password says so later.
    /// </summary>
    private byte[] AnswerChallenge()
    {
        if (_password.Length == 0)
        {
            return _plugin == AuthPlugin.CachingSha2 ? NoPassword : [];
        }

        RequireNonce();
        _hasPasswordChecked = _plugin != AuthPlugin.CachingSha2;
        return _plugin switch
        {
            AuthPlugin.CachingSha2 => CachingSha2Password.Scramble(_password, _nonce),
            AuthPlugin.Ed25519 => new Ed25519Key(_password).Sign(_nonce),
            _ => NativePassword.Scramble(_password, _nonce),
        };
    }

    /// <summary>A short challenge, or none, would make the answer a password's equivalent for later use.</summary>
    private void RequireNonce()
    {
        var length = _plugin switch
        {
            AuthPlugin.Ed25519 => Ed25519Key.NonceLength,
            AuthPlugin.Parsec => Parsec.ScrambleLength,
            _ => NativePassword.NonceLength,
        };
        if (_nonce.Length != length)
        {
            throw WireException.Violation($"a challenge of {_nonce.Length} bytes where {AuthPlugin.NameOf(_plugin)} has {length}");
        }
    }

    private LoginReply NoVerdict(string why)
    {
        var name = AuthPlugin.NameOf(_plugin);
        return new LoginReply(LoginVerdict.NoVerdict, name, $"{name} {why}");
    }

    private static LoginReply Refused(byte[] packet)
    {
        var error = ErrPacket.Read(packet);
        return new LoginReply(LoginVerdict.Refused, error.Code.ToString(), error.Message);
    }
}
