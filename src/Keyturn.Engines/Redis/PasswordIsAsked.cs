namespace Keyturn.Engines.Redis;

/// <summary>
/// No keys, but knowledge: <c>resetpass</c> has just taken <c>nopass</c> from the user, so that the login which follows need not
/// find out with a second, failing one whether the server asks.
/// </summary>
internal sealed class PasswordIsAsked : DerivedKeys
{
    public static readonly PasswordIsAsked Value = new();
}
