using System.Globalization;
using System.Net;

namespace Keyturn.Access.Policies;

/// <summary>
/// One condition of a statement: the value that the request has under a key, compared with any of the given ones.
/// </summary>
/// <param name="Operator">How it is compared.</param>
/// <param name="Key">Which value of the request; see <see cref="ConditionKeys"/>.</param>
/// <param name="Values">At least one, of the operator's form. Any of them will do; a negated operator holds when none does.</param>
/// <param name="IfExists">Holds also when the request has no such value (<c>…IfExists</c>).</param>
public sealed record Condition(ConditionOperator Operator, string Key, IReadOnlyList<string> Values, bool IfExists)
{
    /// <summary>Whether it holds for a request that has <paramref name="actual"/> under the key; null for no value.</summary>
    /// <remarks>
    /// A missing value is not equal to anything: without <c>IfExists</c> a positive operator does not hold then, and a negated one does, as AWS's
    /// IAM has it. Huawei's documents do not say.
    /// </remarks>
    public bool Holds(string? actual)
    {
        if (Operator == ConditionOperator.Null)
        {
            return Values.Any(value => bool.Parse(value) == actual is null);
        }

        if (actual is null)
        {
            return IfExists || Operator.IsNegated;
        }

        return Operator.IsNegated ? !Values.Any(value => Operator.Compares(actual, value)) : Values.Any(value => Operator.Compares(actual, value));
    }
}

/// <summary>How a condition compares. The names are those of Huawei's and AWS's documents.</summary>
public sealed record ConditionOperator
{
    /// <summary>Whether the request has the value at all: <c>true</c> for no.</summary>
    public static readonly ConditionOperator Null = new("Null", IsBool, (_, _) => false);

    private static readonly ConditionOperator[] All =
    [
        Null,
        new("StringEquals", IsText, (actual, value) => actual == value),
        new("StringEqualsIgnoreCase", IsText, (actual, value) => actual.Equals(value, StringComparison.OrdinalIgnoreCase)),
        new("StringMatch", IsText, (actual, value) => new Wildcard(value).Matches(actual)),
        new("StringLike", IsText, (actual, value) => new Wildcard(value).Matches(actual)),
        new("StringStartWith", IsText, (actual, value) => actual.StartsWith(value, StringComparison.Ordinal)),
        new("StringEndWith", IsText, (actual, value) => actual.EndsWith(value, StringComparison.Ordinal)),
        new("NumberEquals", IsNumber, (actual, value) => CompareNumbers(actual, value) == 0),
        new("NumberLessThan", IsNumber, (actual, value) => CompareNumbers(actual, value) < 0),
        new("NumberLessThanEquals", IsNumber, (actual, value) => CompareNumbers(actual, value) <= 0),
        new("NumberGreaterThan", IsNumber, (actual, value) => CompareNumbers(actual, value) > 0),
        new("NumberGreaterThanEquals", IsNumber, (actual, value) => CompareNumbers(actual, value) >= 0),
        new("DateEquals", IsDate, (actual, value) => CompareDates(actual, value) == 0),
        new("DateLessThan", IsDate, (actual, value) => CompareDates(actual, value) < 0),
        new("DateLessThanEquals", IsDate, (actual, value) => CompareDates(actual, value) <= 0),
        new("DateGreaterThan", IsDate, (actual, value) => CompareDates(actual, value) > 0),
        new("DateGreaterThanEquals", IsDate, (actual, value) => CompareDates(actual, value) >= 0),
        new("Bool", IsBool, (actual, value) => bool.TryParse(actual, out var flag) && flag == bool.Parse(value)),
        new("IpAddress", value => Network(value) is not null, (actual, value) => IPAddress.TryParse(actual, out var address) && Network(value)!.Value.Contains(Plain(address))),
    ];

    private static readonly Dictionary<string, ConditionOperator> ByName = Named();

    private readonly Func<string, bool> _accepts;
    private readonly Func<string, string, bool> _compare;

    private ConditionOperator(string name, Func<string, bool> accepts, Func<string, string, bool> compare, bool isNegated = false) =>
        (Name, _accepts, _compare, IsNegated) = (name, accepts, compare, isNegated);

    /// <summary>Its name, without <c>IfExists</c>.</summary>
    public string Name { get; }

    /// <summary>Whether it holds when the comparison does not (<c>StringNotEquals</c>, …).</summary>
    public bool IsNegated { get; }

    /// <summary>All names, in alphabetical order.</summary>
    public static IEnumerable<string> Names => ByName.Keys.Order(StringComparer.Ordinal);

    /// <summary>The operator of that name, with or without <c>IfExists</c>; null when there is none.</summary>
    public static (ConditionOperator Operator, bool IfExists)? Find(string name)
    {
        const string suffix = "IfExists";
        var ifExists = name.EndsWith(suffix, StringComparison.Ordinal) && name != "Null" + suffix;
        return ByName.TryGetValue(ifExists ? name[..^suffix.Length] : name, out var found) ? (found, ifExists) : null;
    }

    /// <summary>Whether a condition may have this value: a date for a date, and so on.</summary>
    public bool Accepts(string value) => _accepts(value);

    /// <inheritdoc/>
    public bool Equals(ConditionOperator? other) => other is not null && Name == other.Name;

    /// <inheritdoc/>
    public override int GetHashCode() => Name.GetHashCode(StringComparison.Ordinal);

    internal bool Compares(string actual, string value) => _compare(actual, value);

    /// <summary>Each positive operator that has an opposite also under the opposite's name.</summary>
    private static Dictionary<string, ConditionOperator> Named()
    {
        var named = All.ToDictionary(each => each.Name, StringComparer.Ordinal);
        foreach (var (opposite, of) in new[]
        {
            ("StringNotEquals", "StringEquals"), ("StringNotEqualsIgnoreCase", "StringEqualsIgnoreCase"), ("StringNotMatch", "StringMatch"), ("StringNotLike", "StringLike"),
            ("StringNotStartWith", "StringStartWith"), ("StringNotEndWith", "StringEndWith"), ("NumberNotEquals", "NumberEquals"), ("DateNotEquals", "DateEquals"), ("NotIpAddress", "IpAddress"),
        })
        {
            named.Add(opposite, new ConditionOperator(opposite, named[of]._accepts, named[of]._compare, isNegated: true));
        }

        return named;
    }

    private static bool IsText(string value) => true;

    private static bool IsBool(string value) => bool.TryParse(value, out _);

    private static bool IsNumber(string value) => Number(value) is not null;

    private static bool IsDate(string value) => Date(value) is not null;

    private static int? CompareNumbers(string actual, string value) => Number(actual) is { } left && Number(value) is { } right ? left.CompareTo(right) : null;

    private static int? CompareDates(string actual, string value) => Date(actual) is { } left && Date(value) is { } right ? left.CompareTo(right) : null;

    private static decimal? Number(string text) => decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : null;

    /// <summary>ISO 8601; a time without a zone is UTC.</summary>
    private static DateTimeOffset? Date(string text) =>
        text.Length > 0 && char.IsAsciiDigit(text[0]) && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var date) ? date : null;

    /// <summary>A network (<c>10.0.0.0/8</c>), or one address.</summary>
    private static IPNetwork? Network(string text)
    {
        if (IPNetwork.TryParse(text, out var network))
        {
            return network;
        }

        return IPAddress.TryParse(text, out var address) ? new IPNetwork(Plain(address), Plain(address).GetAddressBytes().Length * 8) : null;
    }

    /// <summary>A dual-stack listener shows IPv4 addresses as IPv6 ones.</summary>
    private static IPAddress Plain(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
}
