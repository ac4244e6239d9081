using System.Text.Json;
using System.Text.Json.Nodes;
using Keyturn.Storage.Chain;

namespace Keyturn.Cli.Commands;

/// <summary>Heads of the audit log's chains, a line of JSON each, as <c>keyturn audit heads</c> writes them and <c>verify --expect</c> reads them.</summary>
internal static class AuditHeads
{
    /// <summary>Half a century of hourly heads.</summary>
    private const int MaxBytes = 64 * 1024 * 1024;

    public static string Line(KeptHead head) =>
        new JsonObject { ["chain"] = head.Chain.ToString(), ["number"] = head.Number, ["hash"] = head.Hash }.ToJsonString();

    /// <summary>Several files of them may be put one behind the other.</summary>
    /// <exception cref="CommandFailure">The file cannot be read, or is of something else.</exception>
    public static async Task<IReadOnlyList<KeptHead>> ReadAsync(string path, CancellationToken cancel)
    {
        var lines = (await InputFile.ReadAsync(path, cancel, MaxBytes)).Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return [.. lines.Select((line, i) => Read(line) ?? throw CommandFailure.Usage($"{path}, line {i + 1}, is no head of a chain: it is to be a line that keyturn audit heads wrote."))];
    }

    private static KeptHead? Read(string line)
    {
        try
        {
            var head = JsonNode.Parse(line);
            return Guid.TryParse((string?)head?["chain"], out var chain) && (long?)head["number"] is { } number and >= 0 && (string?)head["hash"] is { Length: 64 } hash
                ? new KeptHead(chain, number, hash)
                : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            return null;
        }
    }
}
