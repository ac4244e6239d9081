namespace Keyturn.Access.Policies;

/// <summary>
/// Resources by their URN, <c>service:region:account:type:path</c>, each part with wildcards: <c>ddm:*:*:instance:*</c>,
/// <c>keyturn:*:*:instance:orders-*</c>. An empty region or account, as global services write it, is any. The path may hold colons.
/// </summary>
public sealed record ResourcePattern
{
    private const int PartCount = 5;

    private readonly Wildcard[]? _parts;

    private ResourcePattern(string text, Wildcard[]? parts) => (Text, _parts) = (text, parts);

    /// <summary>As it was written.</summary>
    public string Text { get; }

    /// <summary>The pattern that a text is; null when it is none.</summary>
    public static ResourcePattern? TryParse(string text)
    {
        if (text == "*")
        {
            return new ResourcePattern(text, parts: null);
        }

        var parts = text.Split(':', PartCount);
        return parts.Length == PartCount && parts[0].Length > 0 && parts[3].Length > 0 ? new ResourcePattern(text, [.. parts.Select(Part)]) : null;
    }

    /// <summary>Whether it is about <paramref name="resource"/>, as any of <paramref name="services"/> calls it.</summary>
    /// <param name="resource">The resource.</param>
    /// <param name="services">Names of services.</param>
    /// <param name="ifMissing">What holds of the region and the name of an instance that has none.</param>
    public bool Matches(AccessResource resource, IReadOnlySet<string> services, bool ifMissing) =>
        _parts is not [var service, var region, var account, var type, var path]
        || (services.Any(name => service.Matches(name))
            && (resource.IsMissing ? ifMissing || region.IsAll : region.Matches(resource.Region))
            && resource.Accounts.Any(name => account.Matches(name))
            && type.Matches(resource.Type)
            && ((resource.IsMissing && ifMissing) || resource.Paths.Any(name => path.Matches(name))));

    /// <inheritdoc/>
    public override string ToString() => Text;

    private static Wildcard Part(string text, int index) => new(text.Length == 0 && index is 1 or 2 ? "*" : text);
}
