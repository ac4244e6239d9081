using System.Globalization;
using Keyturn.Instances;

namespace Keyturn.Server.Dialects.Dds;

/// <summary>Which instances are asked for. A parameter that is empty is none.</summary>
internal sealed class DdsFilter(IQueryCollection query)
{
    public bool Admits(Instance instance) =>
        Is("id", DdsInstances.IdOf(instance), StringComparison.OrdinalIgnoreCase)
        && IsNamed(instance.Name)
        && Is("mode", DdsInstances.ModeOf(instance))
        && Is("datastore_type", "DDS-Community")
        && Is("vpc_id", instance.Attributes.GetValueOrDefault(InstanceAttribute.Vpc))
        && Is("subnet_id", instance.Attributes.GetValueOrDefault(InstanceAttribute.Subnet))
        && query["tags"].SelectMany(pairs => (pairs ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries)).All(pair => HasTag(instance, pair));

    /// <summary>With a star before it, part of the name is enough.</summary>
    private bool IsNamed(string name) => query["name"].ToString() switch
    {
        "" => true,
        ['*', .. var part] => name.Contains(part, StringComparison.Ordinal),
        var whole => name == whole,
    };

    private bool Is(string parameter, string? value, StringComparison comparison = StringComparison.Ordinal) =>
        query[parameter].ToString() is var asked && (asked.Length == 0 || asked.Equals(value, comparison));

    private static bool HasTag(Instance instance, string pair) => pair.Split('=', 2) switch
    {
        [var key, var value] => instance.Tags.TryGetValue(key, out var is_) && is_ == value,
        [var key] => instance.Tags.ContainsKey(key),
        _ => true,
    };
}

/// <summary>Which part of a list is asked for. Terraform's data source asks on, by offset, until it gets nothing.</summary>
internal sealed record DdsPage(int Offset, int Limit)
{
    private const int MostAtOnce = 100;

    public IEnumerable<T> Of<T>(IEnumerable<T> all) => all.Skip(Offset).Take(Limit);

    /// <summary>Reads <c>offset</c> and <c>limit</c>; the fault is that of the first that is wrong.</summary>
    public static DdsError? TryRead(IQueryCollection query, out DdsPage page)
    {
        var (offset, limit) = (Number(query["offset"].ToString(), otherwise: 0), Number(query["limit"].ToString(), otherwise: MostAtOnce));
        page = new DdsPage(offset ?? 0, limit ?? MostAtOnce);
        return limit is null or < 1 or > MostAtOnce ? DdsError.Limit : offset is null ? DdsError.Offset : null;
    }

    private static int? Number(string text, int otherwise) =>
        text.Length == 0 ? otherwise : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
