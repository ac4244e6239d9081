using System.Globalization;
using System.Text;

namespace Keyturn.Cli.Output;

/// <summary>Text of others, such as an account's name, made harmless for a terminal: anybody who may create a role may put escape sequences into its name.</summary>
internal static class Printable
{
    public static string Of(string text) => text.Any(IsControl) ? Escape(text) : text;

    private static bool IsControl(char character) =>
        char.IsControl(character) || char.GetUnicodeCategory(character) is UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;

    private static string Escape(string text)
    {
        var escaped = new StringBuilder();
        foreach (var character in text)
        {
            if (IsControl(character))
            {
                escaped.Append($"\\u{(int)character:X4}");
            }
            else
            {
                escaped.Append(character);
            }
        }

        return escaped.ToString();
    }
}
