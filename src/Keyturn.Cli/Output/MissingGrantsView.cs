using System.Text.Json;

namespace Keyturn.Cli.Output;

/// <summary>What an admin login lacks, for people who paste it: a statement a line, however wide the terminal is.</summary>
internal static class MissingGrantsView
{
    public static void WriteMissingGrants(this Terminal terminal, JsonElement body)
    {
        foreach (var missing in body.Items("missing_grants"))
        {
            terminal.Out.WriteLine($"missing for {Printable.Of(missing.Text("capability"))}:");
            foreach (var statement in missing.Items("statements"))
            {
                terminal.Out.WriteLine($"    {Printable.Of(statement.GetString() ?? "")}");
            }
        }
    }
}
