namespace Keyturn.Wire.PostgreSql;

/// <summary>Leaves in order, so that the server does not log a lost connection.</summary>
internal static class Terminate
{
    public static byte[] Write() => new FrontendMessage('X').ToArray();
}
