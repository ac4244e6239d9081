using System.Text.Json;
using System.Text.Json.Nodes;

namespace Keyturn.Cli.Commands;

/// <summary>
/// Files that options and documents name. They are read up to a limit: a name may be that of a device, which has no end, or of the wrong file.
/// </summary>
internal static class InputFile
{
    /// <summary>More than any document, certificate, key or token has.</summary>
    public const int MaxBytes = 1024 * 1024;

    private const int FirstBytes = 64 * 1024;

    public static async Task<string?> ReadIfNamedAsync(string? path, CancellationToken cancel) => path is null ? null : await ReadAsync(path, cancel);

    /// <exception cref="CommandFailure">It cannot be read, or has more than the limit.</exception>
    public static async Task<string> ReadAsync(string path, CancellationToken cancel, int limit = MaxBytes) =>
        Text(await ReadBytesAsync(path, limit + 1, cancel), limit) ?? throw CommandFailure.Usage($"{path} has more than {limit} bytes.");

    /// <summary>As <see cref="ReadAsync"/>, for whoever tells the fault himself; null where it has more than <see cref="MaxBytes"/>.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public static string? ReadOrNull(string path)
    {
        using var file = File.OpenRead(path);
        var buffer = new byte[MaxBytes + 1];
        return Text(buffer[..file.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false)], MaxBytes);
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
        var buffer = new byte[Math.Min(limit, FirstBytes)];
        for (var length = 0; ;)
        {
            // A read of a terminal does not end when it is told to.
            length += await stream.ReadAtLeastAsync(buffer.AsMemory(length), buffer.Length - length, throwOnEndOfStream: false, cancel).AsTask().WaitAsync(cancel);
            if (length < buffer.Length || length == limit)
            {
                return buffer[..length];
            }

            Array.Resize(ref buffer, (int)Math.Min(limit, 2L * buffer.Length));
        }
    }

    public static async Task<JsonNode?> ReadJsonAsync(string path, CancellationToken cancel) => Json(path, await ReadAsync(path, cancel));

    /// <summary>The JSON that comes in.</summary>
    public static async Task<JsonNode?> ReadJsonAsync(Stream stream, CancellationToken cancel)
    {
        const string name = "standard input";
        return Json(name, Text(await ReadBytesAsync(stream, MaxBytes + 1, cancel), MaxBytes) ?? throw CommandFailure.Usage($"{name} has more than {MaxBytes} bytes."));
    }

    private static JsonNode? Json(string source, string text)
    {
        try
        {
            return JsonNode.Parse(text);
        }
        catch (JsonException e)
        {
            throw CommandFailure.Usage($"{source} holds no JSON: {e.Message}", e);
        }
    }

    /// <summary>Its encoding is told by a byte order mark, else it is UTF-8. Null where it is longer than the limit.</summary>
    private static string? Text(byte[] bytes, int limit)
    {
        using var reader = new StreamReader(new MemoryStream(bytes));
        return bytes.Length <= limit ? reader.ReadToEnd() : null;
    }
}
