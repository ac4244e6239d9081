using System.Text.Json;

namespace Keyturn.Cli.Output;

/// <summary>How many sessions an account has, for people.</summary>
internal static class SessionsView
{
    public static void WriteSessions(this Terminal terminal, JsonElement body) =>
        terminal.WriteTable(body.Items("nodes"), "address", "old", "unclear", "new", "ended", "cause", "detail");
}
