namespace Keyturn.Wire.PostgreSql;

/// <summary>Who wants in, and where to. Protocol 3.0, which every server still speaks.</summary>
internal static class StartupMessage
{
    private const int Version30 = 3 << 16;

    public static byte[] Write(string user, string database) => new FrontendMessage(Version30)
        .CString("user").CString(user)
        .CString("database").CString(database)
        .CString("client_encoding").CString("UTF8")
        .CString("application_name").CString("keyturn")
        .Bytes([0])
        .ToArray();
}
