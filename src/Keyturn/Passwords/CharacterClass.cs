using System.Text;

namespace Keyturn.Passwords;

/// <summary>The four classes that a password policy counts.</summary>
[Flags]
internal enum CharacterClasses
{
    None = 0,
    Lower = 1,
    Upper = 2,
    Digit = 4,

    /// <summary>All that is none of the others, so also letters of scripts without case.</summary>
    Special = 8,
}

/// <summary>Tells the classes of text.</summary>
internal static class CharacterClass
{
    /// <summary>The classes that occur in <paramref name="text"/>.</summary>
    public static CharacterClasses In(string text)
    {
        var classes = CharacterClasses.None;
        foreach (var rune in text.EnumerateRunes())
        {
            classes |= Of(rune);
        }

        return classes;
    }

    private static CharacterClasses Of(Rune rune) => rune switch
    {
        _ when Rune.IsLower(rune) => CharacterClasses.Lower,
        _ when Rune.IsUpper(rune) => CharacterClasses.Upper,
        _ when Rune.IsDigit(rune) => CharacterClasses.Digit,
        _ => CharacterClasses.Special,
    };
}
