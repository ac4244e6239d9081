using System.Text;
using System.Text.Json;

namespace Keyturn.LiveTests.Canaries;

/// <summary>The search of the campaign finds what it is there to find: else a campaign without a finding would mean nothing.</summary>
public sealed class LeakSearchTests
{
    private readonly CanaryList _canaries = new();

    public static TheoryData<string, Func<string, byte[]>> Plants => new()
    {
        { "clear", Encoding.UTF8.GetBytes },
        { "in a sentence", text => Encoding.UTF8.GetBytes($"password={text};") },
        { "UTF-16", Encoding.Unicode.GetBytes },
        { "UTF-16, odd", text => [7, .. Encoding.Unicode.GetBytes(text)] },
        { "hexadecimal", text => Encoding.ASCII.GetBytes(Convert.ToHexString(Encoding.UTF8.GetBytes(text))) },
        { "small hexadecimal", text => Encoding.ASCII.GetBytes(Convert.ToHexStringLower(Encoding.UTF8.GetBytes(text))) },
        { "base64", text => Base64(text) },
        { "base64 behind one", text => Base64($"a{text}z") },
        { "base64 behind two", text => Base64($"ab{text}yz") },
        { "base64url", text => Encoding.ASCII.GetBytes(Encoding.ASCII.GetString(Base64($"user:{text}")).Replace('+', '-').Replace('/', '_')) },
        { "in a URL", text => Encoding.ASCII.GetBytes(Uri.EscapeDataString(text)) },
        { "in JSON", text => JsonSerializer.SerializeToUtf8Bytes(text) },
    };

    [Theory]
    [MemberData(nameof(Plants))]
    public void In_Planted_IsFoundInEveryForm(string form, Func<string, byte[]> plant)
    {
        var planted = _canaries.Add($"p\"ä/+ß?{Guid.NewGuid():N}", "planted");
        _canaries.New("not planted");
        var around = Enumerable.Repeat((byte)'.', 100_000).ToArray();

        var leaks = new LeakSearch(_canaries.All).In(form, [.. around, .. plant(planted), .. around]);

        leaks.ShouldBe([$"{form}: planted ({planted})"]);
    }

    [Fact]
    public void InFolder_AcrossTheEndOfAChunk_IsFound()
    {
        var folder = Directory.CreateTempSubdirectory("keyturn-planted-");
        try
        {
            var planted = _canaries.New("planted");
            File.WriteAllBytes(Path.Combine(folder.FullName, "log"), [.. new byte[(8 << 20) - 10], .. Encoding.UTF8.GetBytes(planted)]);

            new LeakSearch(_canaries.All).InFolder(folder.FullName).ShouldHaveSingleItem().ShouldContain("log: planted");
            new LeakSearch(_canaries.All).InFolder(folder.FullName, "log").ShouldBeEmpty();
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static byte[] Base64(string text) => Encoding.ASCII.GetBytes(Convert.ToBase64String(Encoding.UTF8.GetBytes(text)));
}
