using System.Text.Json;
using System.Text.Json.Nodes;

namespace Keyturn.Cli.Commands;

/// <summary>Files that options name.</summary>
internal static class InputFile
{
    public static async Task<string?> ReadIfNamedAsync(string? path, CancellationToken cancel) => path is null ? null : await ReadAsync(path, cancel);

    public static async Task<string> ReadAsync(string path, CancellationToken cancel)
    {
        try
        {
            return await File.ReadAllTextAsync(path, cancel);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw CommandFailure.Usage($"{path} cannot be read: {e.Message}", e);
        }
    }

    public static async Task<JsonNode?> ReadJsonAsync(string path, CancellationToken cancel)
    {
        try
        {
            return JsonNode.Parse(await ReadAsync(path, cancel));
        }
        catch (JsonException e)
        {
            throw CommandFailure.Usage($"{path} holds no JSON: {e.Message}", e);
        }
    }
}
