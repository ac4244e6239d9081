using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;

namespace Keyturn.Passwords;

/// <summary>
/// Text that only who may see it sees: a password, a token, a private key. It prints as dots wherever it is formatted, logged or
/// shown by a debugger, and it has no JSON form. <see cref="Reveal"/> is the one way to the text, so that its uses can be searched for.
/// </summary>
[DebuggerDisplay("•••")]
public sealed class Secret : IEquatable<Secret>
{
    private readonly string _text;

    /// <summary>Wraps <paramref name="text"/>.</summary>
    public Secret(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        _text = text;
    }

    /// <summary>Number of UTF-16 code units.</summary>
    public int Length => _text.Length;

    /// <summary>The text itself. Call it only where the text leaves for a server, a seal or the caller who may see it.</summary>
    public string Reveal() => _text;

    /// <summary>Compares in constant time for texts of equal length.</summary>
    public bool Equals(Secret? other) =>
        other is not null && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(_text), Encoding.UTF8.GetBytes(other._text));

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as Secret);

    /// <summary>Always the same: a hash of a secret would be a hint at it.</summary>
    public override int GetHashCode() => 0;

    /// <summary>Dots.</summary>
    public override string ToString() => "•••";
}
