using Keyturn.Passwords;
using Keyturn.Wire.Sasl;

namespace Keyturn.Engines.PostgreSql;

/// <summary>The keys of the verifier that a change has just set, so that its proof need not derive them again.</summary>
internal sealed class PostgreSqlKeys(Secret password, ScramKeys keys) : DerivedKeys
{
    /// <summary>The keys, if they are this password's.</summary>
    public ScramKeys? Of(Secret other) => other.Equals(password) ? keys : null;
}
