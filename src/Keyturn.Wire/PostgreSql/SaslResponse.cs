namespace Keyturn.Wire.PostgreSql;

/// <summary>A later message of the client in a SASL exchange.</summary>
internal static class SaslResponse
{
    public static byte[] Write(ReadOnlySpan<byte> data) => new FrontendMessage('p').Bytes(data).ToArray();
}
