using System.Text.Json;

namespace Keyturn.Server.Hosting;

/// <summary>How large the parts of a body may be: looked at before anything is made of it.</summary>
internal static class JsonLimits
{
    /// <summary>Objects and arrays within each other. The deepest body there is, an access policy, has seven.</summary>
    public const int MaxDepth = 16;

    /// <summary>Members of one object.</summary>
    public const int MaxMembers = 1000;

    /// <summary>Items of one array: accounts that are imported at once.</summary>
    public const int MaxItems = 20_000;

    /// <summary>The limit that a body is over, in a sentence; null where it is within all. What is no JSON is not judged here.</summary>
    public static string? FaultOf(ReadOnlySpan<byte> body)
    {
        var reader = new Utf8JsonReader(body);
        Span<int> counts = stackalloc int[MaxDepth + 1];
        counts.Clear();
        try
        {
            while (reader.Read())
            {
                if (FaultOf(ref reader, counts) is { } fault)
                {
                    return fault;
                }
            }
        }
        catch (JsonException)
        {
            return null;
        }

        return null;
    }

    /// <param name="reader">At a token.</param>
    /// <param name="counts">Of the open object or array at each depth: negative for members, positive for items.</param>
    private static string? FaultOf(ref Utf8JsonReader reader, scoped Span<int> counts)
    {
        var (token, depth) = (reader.TokenType, reader.CurrentDepth);
        if (token is JsonTokenType.StartObject or JsonTokenType.StartArray && depth == MaxDepth)
        {
            return $"The body is nested deeper than {MaxDepth} levels.";
        }

        return token switch
        {
            JsonTokenType.EndObject or JsonTokenType.EndArray => Forget(counts, depth + 1),
            JsonTokenType.PropertyName => --counts[depth] < -MaxMembers ? $"An object of the body has more than {MaxMembers} members." : null,
            _ => counts[depth] >= 0 && ++counts[depth] > MaxItems ? $"A list of the body has more than {MaxItems} items." : null,
        };
    }

    private static string? Forget(Span<int> counts, int depth)
    {
        counts[depth] = 0;
        return null;
    }
}
