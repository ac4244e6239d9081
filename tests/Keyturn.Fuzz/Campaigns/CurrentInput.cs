using System.Buffers.Binary;

namespace Keyturn.Fuzz.Campaigns;

/// <summary>The input that is being run, in a file that outlives the process, and how many there were before it.</summary>
internal sealed class CurrentInput : IDisposable
{
    private const int HeaderLength = 12;
    private readonly Microsoft.Win32.SafeHandles.SafeFileHandle _file;

    public long Count { get; private set; }

    public CurrentInput(string path) => _file = File.OpenHandle(path, FileMode.Create, FileAccess.Write, FileShare.Read);

    public void Set(byte[] input)
    {
        var header = new byte[HeaderLength];
        BinaryPrimitives.WriteInt64LittleEndian(header, ++Count);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(sizeof(long)), input.Length);
        RandomAccess.Write(_file, [header, input], fileOffset: 0);
    }

    /// <summary>How many inputs there were, and the last; of a process that ended before the first, nothing.</summary>
    public static (long Count, byte[] Input) Read(string path)
    {
        var bytes = File.Exists(path) ? File.ReadAllBytes(path) : [];
        return bytes.Length < HeaderLength
            ? (0, [])
            : (BinaryPrimitives.ReadInt64LittleEndian(bytes), bytes.AsSpan(HeaderLength, BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(sizeof(long)))).ToArray());
    }

    public void Dispose() => _file.Dispose();
}
