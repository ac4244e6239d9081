namespace Keyturn.Engines.MySql;

/// <summary>
/// Which of a user's rows lets a client in: the server tries one, the most specific of those that match, and no other. Both rankings were
/// found by asking real servers (HostOrderTests).
/// </summary>
internal static class HostOrder
{
    /// <summary>More than any place of a wildcard.</summary>
    private const int NoWildcard = 128;

    /// <summary>
    /// The rows of one user, those that <paramref name="client"/> would come in by if there were no other marked with that other's name. A client
    /// that the server sees by its name is not looked at: it may be let in by its address too, which the server does not tell.
    /// </summary>
    public static IReadOnlyList<StoredAccount> Mark(IReadOnlyList<StoredAccount> rows, string client, bool addressesFirst)
    {
        if (rows.Count < 2 || HostNetwork.ParseAddress(client) is not { } address)
        {
            return rows;
        }

        var first = rows.Where(row => Matches(HostOf(row), client, address, addressesFirst))
            .OrderByDescending(row => Rank(HostOf(row), addressesFirst)).ThenByDescending(HostOf, StringComparer.Ordinal).FirstOrDefault();
        return first is null ? rows : [.. rows.Select(row => row != first && Matches(HostOf(row), client, address, addressesFirst) ? row with { Shadow = first.Name } : row)];
    }

    private static string HostOf(StoredAccount row) => row.Name.Host ?? "";

    /// <summary>MariaDB knows masks, and takes a prefix for a name that nobody has.</summary>
    private static bool Matches(string host, string client, uint address, bool knowsPrefixes) => HostNetwork.TryParse(host) switch
    {
        null => host.Length == 0 || (!host.Contains('/') && HostPattern.MayMatch(host, client)),
        { Kind: HostNetworkKind.Prefix } when !knowsPrefixes => false,
        var network => network.Covers(address),
    };

    /// <summary>MySQL ranks addresses before names, and networks by their size; then, and on MariaDB at once, by where the first wildcard stands.</summary>
    private static (int Tier, long Size) Rank(string host, bool addressesFirst) => addressesFirst && HostNetwork.TryParse(host) is { } network
        ? (3 - (int)network.Kind, network.Mask)
        : (0, Specificity(host));

    /// <summary>How many characters stand before the first wildcard: all of them is the most, none of an empty host the least.</summary>
    private static int Specificity(string host)
    {
        for (var place = 0; place < host.Length; place++)
        {
            if (host[place] == '\\' && place + 1 < host.Length)
            {
                place++;
            }
            else if (host[place] is '%' or '_')
            {
                return Math.Min(place + 1, NoWildcard - 1);
            }
        }

        return host.Length == 0 ? 0 : NoWildcard;
    }
}
