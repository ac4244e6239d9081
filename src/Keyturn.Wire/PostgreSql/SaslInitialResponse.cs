namespace Keyturn.Wire.PostgreSql;

/// <summary>The chosen mechanism and the client's first message.</summary>
internal static class SaslInitialResponse
{
    public static byte[] Write(string mechanism, ReadOnlySpan<byte> data) =>
        new FrontendMessage('p').CString(mechanism).Int32(data.Length).Bytes(data).ToArray();
}
