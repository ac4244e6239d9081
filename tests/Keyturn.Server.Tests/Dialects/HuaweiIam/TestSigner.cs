using System.Security.Cryptography;
using System.Text;

namespace Keyturn.Server.Tests.Dialects.HuaweiIam;

/// <summary>
/// Signs as a client does, from canonical parts that the test spells out. It shares no code with the server: what both would get wrong
/// alike, the vectors catch.
/// </summary>
internal static class TestSigner
{
    /// <summary>The <c>Authorization</c> header in the layout <c>Access=</c>; all of <paramref name="headers"/> are signed.</summary>
    public static string Access(
        string accessKey, string secretKey, string method, string path, string query, IReadOnlyDictionary<string, string> headers, string body = "")
    {
        var (canonical, names) = Canonical(method, path, query, headers, body);
        var signature = Hex(HMACSHA256.HashData(Bytes(secretKey), Bytes($"SDK-HMAC-SHA256\n{headers["X-Sdk-Date"]}\n{Hash(canonical)}")));
        return $"SDK-HMAC-SHA256 Access={accessKey}, SignedHeaders={names}, Signature={signature}";
    }

    /// <summary>The same in the layout <c>Credential=</c>, for no region and no service.</summary>
    public static string Credential(
        string accessKey, string secretKey, string method, string path, string query, IReadOnlyDictionary<string, string> headers, string body = "", string? day = null)
    {
        var (canonical, names) = Canonical(method, path, query, headers, body);
        var scope = $"{day ?? headers["X-Sdk-Date"][..8]}///sdk_request";
        var key = Bytes("SDK" + secretKey);
        foreach (var part in scope.Split('/'))
        {
            key = HMACSHA256.HashData(key, Bytes(part));
        }

        var signature = Hex(HMACSHA256.HashData(key, Bytes($"SDK-HMAC-SHA256\n{headers["X-Sdk-Date"]}\n{scope}\n{Hash(canonical)}")));
        return $"SDK-HMAC-SHA256 Credential={accessKey}/{scope}, SignedHeaders={names}, Signature={signature}";
    }

    /// <summary>The canonical request with its line feeds as vertical bars: what an error shows.</summary>
    public static string Shown(string method, string path, string query, IReadOnlyDictionary<string, string> headers, string body = "") =>
        Canonical(method, path, query, headers, body).Text.Replace('\n', '|');

    private static (string Text, string Names) Canonical(string method, string path, string query, IReadOnlyDictionary<string, string> headers, string body)
    {
        var sorted = new SortedDictionary<string, string>(headers.ToDictionary(header => header.Key.ToLowerInvariant(), header => header.Value), StringComparer.Ordinal);
        var lines = new StringBuilder();
        foreach (var (name, value) in sorted)
        {
            lines.Append(name).Append(':').Append(value).Append('\n');
        }

        var names = string.Join(';', sorted.Keys);
        return ($"{method}\n{path}\n{query}\n{lines}\n{names}\n{Hash(body)}", names);
    }

    private static string Hash(string text) => Hex(SHA256.HashData(Bytes(text)));

    private static string Hex(byte[] bytes) => Convert.ToHexStringLower(bytes);

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);
}
