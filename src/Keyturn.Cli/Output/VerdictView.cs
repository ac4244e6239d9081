using System.Text.Json;

namespace Keyturn.Cli.Output;

/// <summary>What came of a check or a verification, for people.</summary>
internal static class VerdictView
{
    public static void WriteVerdict(this Terminal terminal, JsonElement body) => terminal.WriteList(
        ("verdict", body.Text("verdict")),
        ("version", body.Text("version")),
        ("cause", body.Text("cause")),
        ("detail", body.Text("detail")),
        ("next step", body.Text("next_step")));
}
