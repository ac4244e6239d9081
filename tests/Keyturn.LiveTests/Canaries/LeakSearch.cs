using System.Buffers;
using System.Text;

namespace Keyturn.LiveTests.Canaries;

/// <summary>Looks for canaries, in all of their forms.</summary>
internal sealed class LeakSearch
{
    private const int ChunkBytes = 8 << 20;
    private readonly Dictionary<string, Canary> _canaries = new(StringComparer.Ordinal);
    private readonly SearchValues<string> _forms;
    private readonly int _longest;

    public LeakSearch(IEnumerable<Canary> canaries)
    {
        foreach (var canary in canaries)
        {
            foreach (var form in canary.Forms())
            {
                _canaries.TryAdd(form, canary);
            }
        }

        _forms = SearchValues.Create([.. _canaries.Keys], StringComparison.Ordinal);
        _longest = _canaries.Keys.Max(form => form.Length);
    }

    /// <summary>What is found, each once: where, and how it had come in.</summary>
    public IReadOnlyList<string> In(string where, byte[] bytes) => In(where, new MemoryStream(bytes));

    public IReadOnlyList<string> In(string where, string text) => In(where, Encoding.UTF8.GetBytes(text));

    /// <summary>Everything in a folder, but for the files of these names, or names that end so.</summary>
    public IReadOnlyList<string> InFolder(string folder, params string[] besides) =>
    [
        .. Directory.EnumerateFiles(folder, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint })
            .Where(file => !Array.Exists(besides, name => Path.GetFileName(file).EndsWith(name, StringComparison.Ordinal)) && HasBytes(file)).SelectMany(InFile),
    ];

    /// <summary>The runtime's named pipes, which a crash leaves behind, have none: to open one would wait for ever.</summary>
    private static bool HasBytes(string path) => new FileInfo(path).Length > 0;

    public IReadOnlyList<string> InFile(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        return In(path, file);
    }

    private IReadOnlyList<string> In(string where, Stream stream)
    {
        var found = new HashSet<Canary>();
        var buffer = new byte[ChunkBytes];
        for (int kept = 0, read; (read = stream.ReadAtLeast(buffer.AsSpan(kept), buffer.Length - kept, throwOnEndOfStream: false)) > 0;)
        {
            // What lies across the end of a chunk is in the next one.
            var length = kept + read;
            found.UnionWith(FoundIn(Encoding.Latin1.GetString(buffer, 0, length)));
            kept = Math.Min(_longest - 1, length);
            buffer.AsSpan(length - kept, kept).CopyTo(buffer);
        }

        return [.. found.Select(canary => $"{where}: {canary.Way} ({canary.Text})")];
    }

    private IEnumerable<Canary> FoundIn(string text)
    {
        for (var at = 0; text.AsSpan(at).IndexOfAny(_forms) is var next and >= 0;)
        {
            at += next;
            foreach (var canary in At(text, at))
            {
                yield return canary;
            }

            at++;
        }
    }

    private List<Canary> At(string text, int at) =>
        [.. _canaries.Where(form => string.CompareOrdinal(text, at, form.Key, 0, form.Key.Length) == 0).Select(form => form.Value)];
}
