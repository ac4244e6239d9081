using System.Buffers;
using System.Text;

namespace Keyturn.Wire.Sasl;

/// <summary>SASLprep (RFC 4013): one form for passwords that read the same.</summary>
/// <remarks>
/// As PostgreSQL and libpq do it, because a verifier must be the one that they compute: characters are judged after mapping and before
/// normalisation (only U+0340 and U+0341 come out differently), and code points that Unicode 3.2 did not have are prohibited.
/// </remarks>
public static class SaslPrep
{
    /// <summary>
    /// The prepared form of <paramref name="text"/>, or false where the profile prohibits it or nothing would be left of it.
    /// What then holds is the protocol's own rule: PostgreSQL takes the text as it is.
    /// </summary>
    public static bool TryPrepare(string text, out string prepared)
    {
        prepared = text;
        if (Ascii.IsValid(text))
        {
            return text.Length > 0 && !text.Any(char.IsControl);
        }

        if (!TryMap(text, out var mapped) || !MayBeOutput(mapped))
        {
            return false;
        }

        prepared = string.Concat(mapped).Normalize(NormalizationForm.FormKC);
        return true;
    }

    /// <summary>The prepared form in UTF-8, or the text as it is where there is none: PostgreSQL's rule.</summary>
    public static byte[] PrepareOrKeep(string text) => Encoding.UTF8.GetBytes(TryPrepare(text, out var prepared) ? prepared : text);

    private static bool TryMap(string text, out List<Rune> mapped)
    {
        mapped = new List<Rune>(text.Length);
        for (var rest = text.AsSpan(); rest.Length > 0;)
        {
            if (Rune.DecodeFromUtf16(rest, out var rune, out var length) != OperationStatus.Done)
            {
                return false;
            }

            rest = rest[length..];

            // U+200B is in both tables; PostgreSQL looks for spaces first.
            if (StringprepTables.NonAsciiSpaces.Contains(rune))
            {
                mapped.Add(new Rune(' '));
            }
            else if (!StringprepTables.MappedToNothing.Contains(rune))
            {
                mapped.Add(rune);
            }
        }

        return mapped.Count > 0;
    }

    private static bool MayBeOutput(List<Rune> mapped) =>
        !mapped.Exists(rune => StringprepTables.Prohibited.Contains(rune) || StringprepTables.Unassigned.Contains(rune))
        && IsOneDirection(mapped);

    // RFC 3454 section 6: text with a right-to-left character begins and ends with one and has no left-to-right character.
    private static bool IsOneDirection(List<Rune> mapped) =>
        !mapped.Exists(IsRightToLeft)
        || (IsRightToLeft(mapped[0]) && IsRightToLeft(mapped[^1]) && !mapped.Exists(rune => StringprepTables.LeftToRight.Contains(rune)));

    private static bool IsRightToLeft(Rune rune) => StringprepTables.RightToLeft.Contains(rune);
}
