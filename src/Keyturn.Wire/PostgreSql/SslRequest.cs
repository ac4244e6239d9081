namespace Keyturn.Wire.PostgreSql;

/// <summary>Asks for TLS before anything else; the server answers with one byte that is no message.</summary>
internal static class SslRequest
{
    public const byte Willing = (byte)'S';
    public const byte Unwilling = (byte)'N';
    private const int Code = (1234 << 16) | 5679;

    public static byte[] Write() => new FrontendMessage(Code).ToArray();
}
