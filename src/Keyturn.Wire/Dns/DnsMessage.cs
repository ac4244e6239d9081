using System.Buffers.Binary;
using System.Text;

namespace Keyturn.Wire.Dns;

/// <summary>The record types that are asked for.</summary>
public enum DnsType : ushort
{
    /// <summary>Text (RFC 1035).</summary>
    Txt = 16,

    /// <summary>A service's hosts and ports (RFC 2782).</summary>
    Srv = 33,
}

/// <summary>One host of a service.</summary>
/// <param name="Target">Its name, without the final dot.</param>
/// <param name="Port">Its port.</param>
public sealed record SrvRecord(string Target, int Port);

/// <summary>A question, and the answers to it (RFC 1035 section 4). The peer may be anybody: nothing is read past the message or in a circle.</summary>
internal static class DnsMessage
{
    public const int HeaderLength = 12;

    private const ushort InternetClass = 1;
    private const ushort RecursionDesired = 0x0100;
    private const ushort IsResponse = 0x8000;
    private const ushort IsTruncated = 0x0200;
    private const int ResponseCode = 0x000F;
    private const int LongestName = 253;
    private const int LongestLabel = 63;

    /// <summary>The query; null where the name is none.</summary>
    public static byte[]? Write(ushort id, string name, DnsType type)
    {
        var labels = name.TrimEnd('.').Split('.');
        if (name.Length > LongestName || Array.Exists(labels, label => label.Length is 0 or > LongestLabel || !Ascii.IsValid(label)))
        {
            return null;
        }

        var query = new List<byte>();
        Add(query, id, RecursionDesired, 1, 0, 0, 0);
        foreach (var label in labels)
        {
            query.Add((byte)label.Length);
            query.AddRange(Encoding.ASCII.GetBytes(label));
        }

        query.Add(0);
        Add(query, (ushort)type, InternetClass);
        return [.. query];
    }

    /// <summary>Whether <paramref name="message"/> answers that query, and not another or nobody's.</summary>
    public static bool IsAnswerTo(ReadOnlySpan<byte> query, ReadOnlySpan<byte> message)
    {
        // The question comes back as it was asked, but for the case of its letters.
        return message.Length >= query.Length
            && message[..2].SequenceEqual(query[..2])
            && (UInt16(message, 2) & IsResponse) != 0
            && UInt16(message, 4) == 1
            && Ascii.EqualsIgnoreCase(message[HeaderLength..query.Length], query[HeaderLength..]);
    }

    public static bool WasTruncated(ReadOnlySpan<byte> message) => (UInt16(message, 2) & IsTruncated) != 0;

    /// <summary>0 for an answer, 3 where there is no such name.</summary>
    public static int CodeOf(ReadOnlySpan<byte> message) => UInt16(message, 2) & ResponseCode;

    /// <summary>What the records of <paramref name="type"/> hold; other records (CNAME) are passed over.</summary>
    public static IReadOnlyList<T> Read<T>(ReadOnlySpan<byte> message, int questionLength, DnsType type, RecordReader<T> read)
    {
        var records = new List<T>();
        var at = questionLength;
        for (var left = UInt16(message, 6); left > 0; left--)
        {
            Name(message, ref at);
            var (found, length) = (UInt16(message, at), UInt16(message, at + 8));
            at += 10;
            if (at + length > message.Length)
            {
                throw WireException.Violation("a DNS record that reaches past its message");
            }

            if (found == (ushort)type)
            {
                records.Add(read(message, at, length));
            }

            at += length;
        }

        return records;
    }

    public static SrvRecord ReadSrv(ReadOnlySpan<byte> message, int at, int length)
    {
        var target = at + 6;
        return length > 6 ? new SrvRecord(Name(message, ref target), UInt16(message, at + 4)) : throw WireException.Violation("an SRV record that is too short");
    }

    /// <summary>The strings of a TXT record, one after the other.</summary>
    public static string ReadTxt(ReadOnlySpan<byte> message, int at, int length)
    {
        var text = new StringBuilder();
        for (var end = at + length; at < end; at += message[at] + 1)
        {
            text.Append(at + message[at] < end
                ? Encoding.UTF8.GetString(message.Slice(at + 1, message[at]))
                : throw WireException.Violation("a TXT record with a string that reaches past it"));
        }

        return text.ToString();
    }

    /// <summary>A name, which may end in a pointer to an earlier one. Pointers lead back only, so that they end.</summary>
    private static string Name(ReadOnlySpan<byte> message, ref int at)
    {
        var labels = new List<string>();
        var position = at;
        int? afterPointer = null;
        var lowest = at;
        while (Byte(message, position) is > 0 and var length)
        {
            if (length >= 0xC0)
            {
                afterPointer ??= position + 2;
                position = UInt16(message, position) & 0x3FFF;
                lowest = position < lowest ? position : throw WireException.Violation("a DNS name that points forward");
                continue;
            }

            if (length > LongestLabel || position + 1 + length > message.Length || labels.Sum(label => label.Length + 1) + length > LongestName)
            {
                throw WireException.Violation("a DNS name of impossible length");
            }

            labels.Add(Encoding.ASCII.GetString(message.Slice(position + 1, length)));
            position += 1 + length;
        }

        at = afterPointer ?? (position + 1);
        return string.Join('.', labels);
    }

    private static void Add(List<byte> query, params ReadOnlySpan<ushort> numbers)
    {
        foreach (var number in numbers)
        {
            query.AddRange((byte)(number >> 8), (byte)number);
        }
    }

    private static byte Byte(ReadOnlySpan<byte> message, int at) => at < message.Length ? message[at] : throw WireException.Violation("a DNS message that ends early");

    private static ushort UInt16(ReadOnlySpan<byte> message, int at) => at + 2 <= message.Length
        ? BinaryPrimitives.ReadUInt16BigEndian(message[at..])
        : throw WireException.Violation("a DNS message that ends early");
}

/// <summary>Reads what a record holds.</summary>
internal delegate T RecordReader<out T>(ReadOnlySpan<byte> message, int at, int length);
