using System.Text;
using Keyturn.Storage.Sealing;

namespace Keyturn.Storage.Care;

/// <summary>Looks for a master key in a file: a backup that holds its own key is no better than one that is not sealed.</summary>
internal static class MasterKeyScan
{
    private const int BufferSize = 1 << 20;

    public static async Task<bool> IsInAsync(string path, MasterKeys keys, CancellationToken cancel)
    {
        var forms = new[] { keys.Current, keys.Old }.OfType<MasterKey>().SelectMany(Forms).ToList();
        var overlap = forms.Max(form => form.Length) - 1;
        var buffer = new byte[BufferSize];
        await using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        var kept = 0;
        for (var read = 0; (read = await file.ReadAsync(buffer.AsMemory(kept), cancel)) > 0;)
        {
            var filled = kept + read;
            if (forms.Exists(form => buffer.AsSpan(0, filled).IndexOf(form) >= 0))
            {
                return true;
            }

            // A key that lies across two reads.
            kept = Math.Min(overlap, filled);
            buffer.AsSpan(filled - kept, kept).CopyTo(buffer);
        }

        return false;
    }

    private static IEnumerable<byte[]> Forms(MasterKey key)
    {
        yield return key.Bytes.ToArray();
        yield return Encoding.ASCII.GetBytes(key.ToBase64().TrimEnd('='));
        yield return Encoding.ASCII.GetBytes(Convert.ToHexStringLower(key.Bytes));
        yield return Encoding.ASCII.GetBytes(Convert.ToHexString(key.Bytes));
    }
}
