using System.Buffers;
using System.Text;

namespace Keyturn.Wire.Redis;

/// <summary>A command: its name and arguments, sent as an array of bulk strings, so that any byte may stand in them.</summary>
public sealed class RespCommand(params string[] words)
{
    // Half a surrogate pair has no bytes: better a fault here than another password on the server.
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Appends the bytes of the command.</summary>
    public void WriteTo(IBufferWriter<byte> output)
    {
        Encoding.ASCII.GetBytes($"*{words.Length}\r\n", output);
        foreach (var word in words)
        {
            Encoding.ASCII.GetBytes($"${StrictUtf8.GetByteCount(word)}\r\n", output);
            StrictUtf8.GetBytes(word, output);
            output.Write("\r\n"u8);
        }
    }
}
