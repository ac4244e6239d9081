using System.Globalization;

namespace Keyturn.Server.Dialects.GaussDb;

/// <summary>Which part of a list is asked for. Clients go on with <c>offset</c> until they get nothing, or until it is the total.</summary>
internal sealed record GaussDbPage(int Offset, int Limit)
{
    private const int MaxLimit = 100;

    /// <summary>Null where a number is none, or out of range.</summary>
    public static GaussDbPage? TryRead(HttpRequest request) =>
        Number(request, "offset", 0) is >= 0 and var offset && Number(request, "limit", MaxLimit) is >= 1 and <= MaxLimit and var limit ? new GaussDbPage(offset, limit) : null;

    public IEnumerable<T> Of<T>(IEnumerable<T> all) => all.Skip(Offset).Take(Limit);

    private static int? Number(HttpRequest request, string name, int otherwise) =>
        request.Query[name].ToString() is not { Length: > 0 } text ? otherwise
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number
        : null;
}
