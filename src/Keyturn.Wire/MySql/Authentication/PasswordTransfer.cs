namespace Keyturn.Wire.MySql.Authentication;

/// <summary>Gives the server the password itself, where the connection allows it: the end of the SHA-256 methods.</summary>
internal sealed class PasswordTransfer(PacketFraming framing, bool mayUseServerKey, byte[] password)
{
    /// <summary>
    /// As clear text over a trusted transport; under the server's RSA key, asked for with <paramref name="keyRequest"/>, where TLS is switched
    /// off; else not at all. Null once it was sent, and the reason why the server gets none otherwise.
    /// </summary>
    public async ValueTask<string?> SendAsync(byte keyRequest, byte[] nonce, CancellationToken cancel)
    {
        if (framing.Transport.IsTrusted)
        {
            await framing.WriteAsync((byte[])[.. password, 0], cancel);
            return null;
        }

        return mayUseServerKey
            ? await SendEncryptedAsync(keyRequest, nonce, cancel)
            : "wants the password itself, which is sent over verified TLS only";
    }

    private async ValueTask<string?> SendEncryptedAsync(byte keyRequest, byte[] nonce, CancellationToken cancel)
    {
        await framing.WriteAsync(new[] { keyRequest }, cancel);
        var packet = await framing.ReadAsync(MySqlLogin.PacketLimit, cancel);

        // A server without a key says that access is denied; it has not seen the password, so that this is no verdict on it.
        if (packet[0] != AuthMoreData.Header)
        {
            return packet[0] == ErrPacket.Header
                ? "wants the password itself, and the server has no RSA key to send it under"
                : throw WireException.Violation($"packet 0x{packet[0]:X2} in place of a public key");
        }

        if (RsaPassword.Encrypt(AuthMoreData.Read(packet).Span, password, nonce) is not { } encrypted)
        {
            return "wants the password itself, which is too long for the server's RSA key";
        }

        await framing.WriteAsync(encrypted, cancel);
        return null;
    }
}
