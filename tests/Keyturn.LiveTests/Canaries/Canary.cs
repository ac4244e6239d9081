using System.Text;
using System.Text.Json;

namespace Keyturn.LiveTests.Canaries;

/// <summary>Where a secret may be seen by design, because somebody typed it where something else belongs.</summary>
[Flags]
internal enum Visible
{
    Nowhere = 0,

    /// <summary>The answer to who typed it.</summary>
    InAnswers = 1,

    /// <summary>What keeps names: the audit log, the store, and the statement log and processes of the server that was asked for it.</summary>
    InRecords = 2,
}

/// <summary>A text that must not be found afterwards.</summary>
/// <param name="Text">A password, a token, a key. No two have anything in common.</param>
/// <param name="Way">How it got to Keyturn.</param>
internal sealed record Canary(string Text, string Way)
{
    /// <summary>Where it is no finding. Keyturn's logs and traces are never among that: nobody who typed it reads those.</summary>
    public Visible Visible { get; init; }

    /// <summary>How a program could have written it down: the bytes of each form, one in each character.</summary>
    public IEnumerable<string> Forms()
    {
        var bytes = Encoding.UTF8.GetBytes(Text);
        return new[]
        {
            Encoding.Latin1.GetString(bytes), Encoding.Latin1.GetString(Encoding.Unicode.GetBytes(Text)), Uri.EscapeDataString(Text), JsonEncodedText.Encode(Text).Value,
            Convert.ToHexString(bytes), Convert.ToHexStringLower(bytes),
        }.Concat(Enumerable.Range(0, 3).Select(at => Base64(bytes, at)).SelectMany(form => new[] { form, form.Replace('+', '-').Replace('/', '_') })).Distinct(StringComparer.Ordinal);
    }

    /// <summary>As it stands in the base64 of something longer that has <paramref name="before"/> bytes (modulo 3) in front of it, without the characters that it shares with its neighbours.</summary>
    private static string Base64(byte[] bytes, int before)
    {
        var text = Convert.ToBase64String([.. new byte[before], .. bytes]);
        return text[(before == 0 ? 0 : before + 1)..((before + bytes.Length) * 8 / 6)];
    }
}

/// <summary>All that went in so far.</summary>
internal sealed class CanaryList
{
    private readonly List<Canary> _all = [];

    public IReadOnlyList<Canary> All
    {
        get
        {
            lock (_all)
            {
                return [.. _all];
            }
        }
    }

    /// <summary>A password that nothing else has, and that every policy here takes.</summary>
    /// <param name="way">How it gets to Keyturn.</param>
    /// <param name="visible">Where it may be seen.</param>
    public string New(string way, Visible visible = Visible.Nowhere) => Add($"Kx7_{Guid.NewGuid():N}"[..28], way, visible);

    /// <summary>One that the server made.</summary>
    public string Add(string text, string way, Visible visible = Visible.Nowhere)
    {
        lock (_all)
        {
            _all.Add(new Canary(text, way) { Visible = visible });
        }

        return text;
    }
}
