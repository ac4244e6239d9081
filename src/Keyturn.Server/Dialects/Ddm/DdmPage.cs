using System.Globalization;

namespace Keyturn.Server.Dialects.Ddm;

/// <summary>Which part of a list is asked for. Terraform goes on with <c>offset</c>, the number of lines that it has, until it gets none.</summary>
internal sealed record DdmPage(int Offset, int Limit)
{
    private const int DefaultLimit = 10;
    private const int MaxLimit = 128;

    /// <summary>From 1. An offset may begin in the middle of a page.</summary>
    public int Number => (Offset / Limit) + 1;

    /// <summary>Null where a number is none, or out of range.</summary>
    public static DdmPage? TryRead(HttpRequest request) =>
        Read(request, "offset", 0) is { } offset && Read(request, "limit", DefaultLimit) is >= 1 and <= MaxLimit and var limit ? new DdmPage(offset, limit) : null;

    public IEnumerable<T> Of<T>(IEnumerable<T> all) => all.Skip(Offset).Take(Limit);

    /// <summary>Number of pages.</summary>
    public int Count(int total) => (total + Limit - 1) / Limit;

    private static int? Read(HttpRequest request, string name, int otherwise) =>
        request.Query[name].ToString() is not { Length: > 0 } text ? otherwise
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number
        : null;
}
