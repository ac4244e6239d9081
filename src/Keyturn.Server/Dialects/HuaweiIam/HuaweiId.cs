namespace Keyturn.Server.Dialects.HuaweiIam;

/// <summary>Ids as Huawei writes them: 32 hexadecimal digits, and for what belongs to a service four characters that say to which.</summary>
internal static class HuaweiId
{
    /// <summary>Suffix of GaussDB's instances.</summary>
    public const string GaussDb = "in07";

    /// <summary>Suffix of DDM's instances.</summary>
    public const string Ddm = "in09";

    /// <summary>Suffix of DDS's instances.</summary>
    public const string Dds = "in02";

    private const int Digits = 32;
    private const int SuffixLength = 4;

    /// <summary>An id, with the suffix of its service if it has one.</summary>
    public static string Format(Guid id, string suffix = "") => id.ToString("N") + suffix;

    /// <summary>The id without its suffix; null where it has not the form, or another suffix.</summary>
    public static Guid? TryParse(string text, string suffix = "") =>
        text.Length == Digits + suffix.Length && text.EndsWith(suffix, StringComparison.OrdinalIgnoreCase) && Guid.TryParseExact(text[..Digits], "N", out var id) ? id : null;

    /// <summary>The last four characters of a text as long as an instance's id, in lower case; else empty.</summary>
    public static string SuffixOf(string text) => text.Length == Digits + SuffixLength ? text[Digits..].ToLowerInvariant() : "";
}
