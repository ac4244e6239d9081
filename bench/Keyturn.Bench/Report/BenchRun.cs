using System.Text.Encodings.Web;
using System.Text.Json;

namespace Keyturn.Bench;

/// <summary>All that a run measured, as it is kept.</summary>
internal sealed record BenchRun(Machine Machine, int Rounds, double SecondsPerCell, IReadOnlyList<Row> Rows, IReadOnlyList<Quantity> Quantities, IReadOnlyList<Peer> Peers)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerOptions.Web) { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes <c>numbers.json</c>, <c>numbers.md</c> and <c>numbers.svg</c>.</summary>
    public async Task WriteAsync(string folder)
    {
        Directory.CreateDirectory(folder);
        await File.WriteAllTextAsync(Path.Combine(folder, "numbers.json"), JsonSerializer.Serialize(this, Json) + "\n");
        await File.WriteAllTextAsync(Path.Combine(folder, "numbers.md"), MarkdownReport.Of(this));
        await File.WriteAllTextAsync(Path.Combine(folder, "numbers.svg"), new Plot(this).Draw());
    }
}
