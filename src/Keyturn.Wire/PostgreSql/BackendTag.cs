namespace Keyturn.Wire.PostgreSql;

/// <summary>The messages that a server may send during a login.</summary>
internal static class BackendTag
{
    public const byte Authentication = (byte)'R';
    public const byte BackendKeyData = (byte)'K';
    public const byte ErrorResponse = (byte)'E';
    public const byte NegotiateProtocolVersion = (byte)'v';
    public const byte NoticeResponse = (byte)'N';
    public const byte ParameterStatus = (byte)'S';
    public const byte ReadyForQuery = (byte)'Z';
}
