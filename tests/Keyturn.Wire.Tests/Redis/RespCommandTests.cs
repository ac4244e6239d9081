using System.Buffers;
using System.Text;
using Keyturn.Wire.Redis;

namespace Keyturn.Wire.Tests.Redis;

public sealed class RespCommandTests
{
    [Fact]
    public void WriteTo_AnyText_CountsBytesAndQuotesNothing() =>
        Written("AUTH", "a b\r\n", "ü\0\"", "").ShouldBe("*4\r\n$4\r\nAUTH\r\n$5\r\na b\r\n\r\n$4\r\nü\0\"\r\n$0\r\n\r\n");

    /// <summary>U+FFFD in its place would be another password, silently.</summary>
    [Fact]
    public void WriteTo_HalfASurrogatePair_IsAFault() => Should.Throw<EncoderFallbackException>(() => Written("AUTH", "\ud83d"));

    private static string Written(params string[] words)
    {
        var output = new ArrayBufferWriter<byte>();
        new RespCommand(words).WriteTo(output);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }
}
