namespace Keyturn.Wire.PostgreSql;

/// <summary>Logs in to a PostgreSQL server and leaves again: the bare handshake, on a connection of its own.</summary>
public static class PostgreSqlLogin
{
    /// <summary>
    /// What the server said. The token carries the deadline; what goes wrong on the way is a <see cref="WireException"/>. A clear
    /// password is sent only where <see cref="Transport.IsTrusted"/> is true.
    /// </summary>
    public static async ValueTask<LoginReply> TryAsync(PostgreSqlLoginRequest request, CancellationToken cancel)
    {
        if (request.User.Contains('\0') || request.Password.Contains('\0'))
        {
            throw new ArgumentException("a name or password with NUL cannot be sent", nameof(request));
        }

        var isLocalSocket = Path.IsPathRooted(request.Host);
        var host = isLocalSocket ? Path.Combine(request.Host, $".s.PGSQL.{request.Port}") : request.Host;
        await using var transport = await Transport.ConnectAsync(host, request.Port, cancel);
        if (!isLocalSocket && request.Tls.Mode != WireTlsMode.Disable)
        {
            await StartTlsAsync(transport, request.Tls, cancel);
        }

        return await new LoginConversation(transport, request).RunAsync(cancel);
    }

    private static async ValueTask StartTlsAsync(Transport transport, WireTls tls, CancellationToken cancel)
    {
        await transport.WriteAsync(SslRequest.Write(), cancel);
        switch (await transport.ReadByteAsync(cancel))
        {
            case SslRequest.Willing:
                await transport.StartTlsAsync(tls, cancel);
                break;
            case SslRequest.Unwilling:
                throw new WireException(WireFault.TlsUnavailable, "the server offers no TLS");
            case var other:
                throw WireException.Violation($"the server answered the request for TLS with byte {other}");
        }
    }
}
