using System.Text;
using System.Text.Json;
using Keyturn.Simulation;

namespace Keyturn.Fuzz.Mutations;

/// <summary>
/// Changes one value of the JSON in an input, which begins at its first brace: to one of another type, to one at an edge of its own, or to one
/// that is there twice or nested. What comes out need not be JSON.
/// </summary>
internal static class JsonMutation
{
    private static readonly string[] Values =
    [
        "null", "true", "0", "-1", "-0", "1e999", "1.5", "2147483648", "9223372036854775808", "123456789012345678901234567890", "\"\"", "\"1\"", "[]", "{}", "[null]", "[[]]", "{\"a\":1}", "{\"\":{}}",
        "\"\\ud800\"", "\"\\udc00x\"", "\"\\u0000\"", "\"\\ud83d\\ude00\"", "\"\\u202e\"", "\"\\uffff\"", "\"\u00e9\"", "{\"\\ud800\":1}", "\"%2F..%2F\"", "\"*\"", "\"' OR 1=1 --\"", "\"\\r\\nX: y\"", "[1,\"a\",{}]",
        "\"2026-02-30T25:00:00Z\"", "\"00000000-0000-0000-0000-000000000000\"", "\"0001-01-01T00:00:00Z\"",
    ];

    /// <summary>Null where there is no JSON to change.</summary>
    public static byte[]? Change(byte[] bytes, Dice dice)
    {
        var start = Array.IndexOf(bytes, (byte)'{');
        if (start < 0 || ValuesOf(bytes.AsSpan(start)) is not { Count: > 0 } places)
        {
            return null;
        }

        var (from, length) = places[dice.Throw(places.Count)];
        var value = bytes.AsSpan(start + from, length).ToArray();
        return [.. bytes[..(start + from)], .. Another(value, dice), .. bytes[(start + from + length)..]];
    }

    private static byte[] Another(byte[] value, Dice dice) => dice.Throw(6) switch
    {
        0 => Twice(value),
        1 => Nested(value, 1 << dice.Throw(11)),
        2 => [(byte)'"', .. Enumerable.Repeat((byte)('a' + dice.Throw(26)), 1 << dice.Throw(14)), (byte)'"'],
        3 => [.. value[..^1], (byte)dice.Throw(256), value[^1]],
        _ => Encoding.UTF8.GetBytes(Values[dice.Throw(Values.Length)]),
    };

    /// <summary>An object's members once more, so that each is there twice; of anything else a list of two.</summary>
    private static byte[] Twice(byte[] value) => value is [(byte)'{', .. var members, (byte)'}'] && members.Length > 0
        ? [(byte)'{', .. members, (byte)',', .. members, (byte)'}']
        : [(byte)'[', .. value, (byte)',', .. value, (byte)']'];

    private static byte[] Nested(byte[] value, int depth) => [.. Enumerable.Repeat((byte)'[', depth), .. value, .. Enumerable.Repeat((byte)']', depth)];

    /// <summary>Where the values are, as far as the text is JSON.</summary>
    private static List<(int From, int Length)> ValuesOf(ReadOnlySpan<byte> json)
    {
        var places = new List<(int, int)>();
        var open = new Stack<int>();
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = 4096, AllowMultipleValues = true });
        try
        {
            while (reader.Read())
            {
                var at = (int)reader.TokenStartIndex;
                switch (reader.TokenType)
                {
                    case JsonTokenType.StartObject or JsonTokenType.StartArray:
                        open.Push(at);
                        break;
                    case JsonTokenType.EndObject or JsonTokenType.EndArray:
                        var began = open.Pop();
                        places.Add((began, (int)reader.BytesConsumed - began));
                        break;
                    case not JsonTokenType.PropertyName:
                        places.Add((at, (int)reader.BytesConsumed - at));
                        break;
                }
            }
        }
        catch (JsonException)
        {
            // What was read before is enough.
        }

        return places;
    }
}
