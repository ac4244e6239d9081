using System.Text;

namespace Keyturn.Server.Dialects.HuaweiIam.Signatures;

/// <summary>A request as it came over the wire: a signature is made of that, and not of what a framework reads into it.</summary>
/// <param name="Method">The method.</param>
/// <param name="Path">The path, with its escapes.</param>
/// <param name="Query">The query with its escapes, without the question mark.</param>
/// <param name="Headers">The headers; Kestrel has read their bytes as UTF-8, which is what clients sign.</param>
/// <param name="Body">The body.</param>
internal sealed record SignedRequest(string Method, string Path, string Query, IHeaderDictionary Headers, ReadOnlyMemory<byte> Body)
{
    public const string DateHeader = "X-Sdk-Date";
    private const string PayloadHeader = "X-Sdk-Content-Sha256";
    private const string UnsignedPayload = "UNSIGNED-PAYLOAD";

    /// <summary>
    /// What stands for the body in the canonical request: its hash, or the word by which the SDKs leave a body unsigned that is neither JSON nor BSON.
    /// Another hash in the header is not believed.
    /// </summary>
    public string Payload() => Payload(Body.Span);

    /// <summary>The same for text that is signed in the place of an empty body.</summary>
    public string Payload(string text) => Payload(Encoding.UTF8.GetBytes(text));

    private string Payload(ReadOnlySpan<byte> bytes) => Headers[PayloadHeader] == UnsignedPayload ? UnsignedPayload : Sha256Hex.Of(bytes);
}
