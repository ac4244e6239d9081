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

    /// <summary>At most so many bytes of a file.</summary>
    public static async Task<byte[]> ReadBytesAsync(string path, int limit, CancellationToken cancel)
    {
        try
        {
            await using var file = File.OpenRead(path);
            return await ReadBytesAsync(file, limit, cancel);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw CommandFailure.Usage($"{path} cannot be read: {e.Message}", e);
        }
    }

    /// <summary>At most so many bytes of what comes in.</summary>
    public static async Task<byte[]> ReadBytesAsync(Stream stream, int limit, CancellationToken cancel)
    {
        var buffer = new byte[limit];
        // A read of a terminal does not end when it is told to.
        var length = await stream.ReadAtLeastAsync(buffer, limit, throwOnEndOfStream: false, cancel).AsTask().WaitAsync(cancel);
        return buffer[..length];
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
