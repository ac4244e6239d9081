using Keyturn.Wire.Sasl;

namespace Keyturn.Wire.PostgreSql;

/// <summary>Answers what the server asks of the password: one method, once, in its order.</summary>
internal sealed class PasswordExchange(Transport transport, PostgreSqlLoginRequest request)
{
    private const string Scram = "SCRAM-SHA-256";
    private const string ScramPlus = "SCRAM-SHA-256-PLUS";
    private ScramClient? _scram;
    private AuthenticationKind? _last;

    /// <summary>The server has asked.</summary>
    public bool HasBegun => _last is not null;

    /// <summary>All was said: the password, or the server's own proof too where the method is mutual.</summary>
    public bool IsComplete => _last is AuthenticationKind.CleartextPassword or AuthenticationKind.Md5Password or AuthenticationKind.SaslFinal;

    /// <summary>Our answer, empty where there is nothing to send; null with a reply for a method that we do not speak here.</summary>
    public byte[]? Answer(AuthenticationMessage message, out LoginReply? unspoken)
    {
        unspoken = (_last, message.Kind) switch
        {
            (null, AuthenticationKind.CleartextPassword) when !transport.IsTrusted =>
                Unspoken("password", "the server asks for the clear password, which is sent only over verified TLS or a local socket"),
            (null, AuthenticationKind.Sasl) when !message.Mechanisms.Contains(Scram) => Unspoken(string.Join(',', message.Mechanisms)),
            (null, var kind) when !IsSpoken(kind) => Unspoken(kind.ToString()),
            _ => null,
        };
        return unspoken is null ? Answer(message) : null;
    }

    // The later messages of an exchange are here too: without its first they are no method but a breach.
    private static bool IsSpoken(AuthenticationKind kind) => kind is AuthenticationKind.CleartextPassword or AuthenticationKind.Md5Password
        or AuthenticationKind.Sasl or AuthenticationKind.SaslContinue or AuthenticationKind.SaslFinal or AuthenticationKind.GssContinue;

    private static LoginReply Unspoken(string method, string? why = null) =>
        new(LoginVerdict.NoVerdict, method, why ?? $"the server asks for {method}, which is not spoken here");

    private byte[] Answer(AuthenticationMessage message)
    {
        var answer = (_last, message.Kind) switch
        {
            (null, AuthenticationKind.CleartextPassword) => PasswordMessage.WriteClear(request.Password),
            (null, AuthenticationKind.Md5Password) => PasswordMessage.WriteMd5(request.User, request.Password, message.Data.Span),
            (null, AuthenticationKind.Sasl) => BeginScram(message),
            (AuthenticationKind.Sasl, AuthenticationKind.SaslContinue) => SaslResponse.Write(_scram!.Final(message.Data.Span)),
            (AuthenticationKind.SaslContinue, AuthenticationKind.SaslFinal) => VerifyServer(message),
            _ => throw WireException.Violation($"authentication request {message.Kind} after {_last}"),
        };
        _last = message.Kind;
        return answer;
    }

    private byte[] BeginScram(AuthenticationMessage message)
    {
        var binding = Binding(message.Mechanisms.Contains(ScramPlus));
        _scram = new ScramClient(user: "", SaslPrep.PrepareOrKeep(request.Password), request.Keys, binding);
        return SaslInitialResponse.Write(binding.IsBound ? ScramPlus : Scram, _scram.First());
    }

    private ScramChannelBinding Binding(bool isOffered)
    {
        var binding = transport.RemoteCertificate is { } certificate ? ScramChannelBinding.To(certificate) : null;
        return binding is null ? ScramChannelBinding.None : isOffered ? binding : ScramChannelBinding.NotOffered;
    }

    private byte[] VerifyServer(AuthenticationMessage message)
    {
        _scram!.Verify(message.Data.Span);
        return [];
    }
}
