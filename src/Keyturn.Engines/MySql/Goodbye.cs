using Keyturn.Wire;
using Keyturn.Wire.MySql;

namespace Keyturn.Engines.MySql;

/// <summary>Leaving in the server's own words, which keeps it from counting an aborted connection.</summary>
internal static class Goodbye
{
    /// <summary>Says it; a server that is gone need not hear it.</summary>
    public static async ValueTask SayGoodbyeAsync(this MySqlConnection connection, CancellationToken cancel)
    {
        try
        {
            await connection.QuitAsync(cancel);
        }
        catch (WireException)
        {
            // Nothing depends on it.
        }
    }
}
