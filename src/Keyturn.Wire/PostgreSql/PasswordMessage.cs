using System.Security.Cryptography;
using System.Text;

namespace Keyturn.Wire.PostgreSql;

/// <summary>A password in clear, or its salted MD5 hash.</summary>
internal static class PasswordMessage
{
    public static byte[] WriteClear(string password) => new FrontendMessage('p').CString(password).ToArray();

    public static byte[] WriteMd5(string user, string password, ReadOnlySpan<byte> salt)
    {
        byte[] salted = [.. Encoding.ASCII.GetBytes(Md5(Encoding.UTF8.GetBytes(password + user))), .. salt];
        return new FrontendMessage('p').CString($"md5{Md5(salted)}").ToArray();
    }

    // CA5351: the method is what the server asks for; whether that is enough is the server's choice.
#pragma warning disable CA5351
    private static string Md5(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(MD5.HashData(bytes));
#pragma warning restore CA5351
}
