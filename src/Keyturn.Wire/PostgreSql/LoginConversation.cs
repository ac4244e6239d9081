namespace Keyturn.Wire.PostgreSql;

/// <summary>From the startup message to the server's last word, on a connection that is as protected as it will be.</summary>
internal sealed class LoginConversation(Transport transport, PostgreSqlLoginRequest request)
{
    // A server sends about twenty; one that never ends is not one.
    private const int MostMessages = 1000;

    private readonly MessageFraming _framing = new(transport);
    private readonly PasswordExchange _exchange = new(transport, request);
    private bool _isAuthenticated;

    public async ValueTask<LoginReply> RunAsync(CancellationToken cancel)
    {
        await _framing.WriteAsync(StartupMessage.Write(request.User, request.Database), cancel);
        for (var count = 0; count < MostMessages; count++)
        {
            if (await AnswerAsync(await _framing.ReadAsync(cancel), cancel) is { } reply)
            {
                await LeaveAsync(reply, cancel);
                return reply;
            }
        }

        throw WireException.Violation($"{MostMessages} messages, and no end of the login");
    }

    private async ValueTask<LoginReply?> AnswerAsync(BackendMessage message, CancellationToken cancel)
    {
        switch (message.Tag)
        {
            case BackendTag.Authentication when !_isAuthenticated:
                return await AuthenticateAsync(AuthenticationMessage.Parse(message.Body), cancel);
            case BackendTag.ErrorResponse:
                var error = ErrorResponse.Parse(message.Body.Span);
                return new LoginReply(LoginVerdict.Refused, error.Code, error.Message) { IsPasswordProved = _isAuthenticated, IsPasswordSent = _exchange.HasBegun };
            case BackendTag.ReadyForQuery when _isAuthenticated:
                return new LoginReply(LoginVerdict.Accepted) { IsPasswordProved = true };
            case BackendTag.NoticeResponse or BackendTag.NegotiateProtocolVersion:
            case BackendTag.ParameterStatus or BackendTag.BackendKeyData when _isAuthenticated:
                return null;
            default:
                throw WireException.Violation($"message {message.Tag} where a login has none");
        }
    }

    // NOLOGIN (28000) and connection limits (53300) are told only after the password was found right, so that Ok is not the end.
    private async ValueTask<LoginReply?> AuthenticateAsync(AuthenticationMessage message, CancellationToken cancel)
    {
        if (message.Kind == AuthenticationKind.Ok)
        {
            _isAuthenticated = _exchange.IsComplete;
            return _exchange.IsComplete ? null : _exchange.HasBegun
                ? throw WireException.Violation("the server ended the exchange before it proved itself")
                : new LoginReply(LoginVerdict.NotAsked, Message: "the server asked for no password");
        }

        if (_exchange.Answer(message, out var unspoken) is not { } answer)
        {
            return unspoken;
        }

        if (answer.Length > 0)
        {
            transport.IsPasswordSent = true;
            await _framing.WriteAsync(answer, cancel);
        }

        return null;
    }

    private async ValueTask LeaveAsync(LoginReply reply, CancellationToken cancel)
    {
        if (reply.Verdict == LoginVerdict.Refused)
        {
            return;
        }

        try
        {
            await _framing.WriteAsync(Terminate.Write(), cancel);
        }
        catch (WireException)
        {
            // The verdict stands; leaving in order is a courtesy.
        }
    }
}
