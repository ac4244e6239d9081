namespace Keyturn.Engines.MySql;

/// <summary>
/// Which of a user's rows lets a client in: the server tries one, the most specific of those that match, and no other. What is more specific,
/// MySQL and MariaDB see differently; both rankings were found by asking real servers (HostOrderTests).
/// </summary>
internal static class HostOrder
{
    private const char Any = '%';
    private const char One = '_';

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

        var ranked = rows.Where(row => Matches(HostOf(row), client, address, addressesFirst))
            .Select(row => (Row: row, Rank: addressesFirst ? RankOnMySql(HostOf(row)) : RankOnMariaDb(HostOf(row))))
            .OrderByDescending(row => row.Rank).ThenByDescending(row => HostOf(row.Row), StringComparer.Ordinal)
            .ToList();

        // Of two that are alike MySQL tries the one or the other, as they came; MariaDB goes by their text.
        return ranked is [] || (addressesFirst && ranked is [var one, var other, ..] && one.Rank == other.Rank)
            ? rows
            : [.. rows.Select(row => ranked.Skip(1).Any(below => below.Row == row) ? row with { Shadow = ranked[0].Row.Name } : row)];
    }

    private static string HostOf(StoredAccount row) => row.Name.Host ?? "";

    private static bool Matches(string host, string client, uint address, bool knowsPrefixes) => HostNetwork.TryParse(host) switch
    {
        null => host.Length == 0 || (!host.Contains('/') && HostPattern.MayMatch(host, client)),
        { Kind: HostNetworkKind.Prefix } when !knowsPrefixes => false,
        var network => network.Covers(address),
    };

    /// <summary>Addresses before names, and networks by their size; then by how much stands before the first wildcard.</summary>
    private static (int Tier, long Size, int, int, int) RankOnMySql(string host) => HostNetwork.TryParse(host) is { } network
        ? (3 - (int)network.Kind, network.Mask, 0, 0, 0)
        : (0, Wildcards(host) is [var wildcard, ..] ? wildcard.Place + 1 : host.Length == 0 ? 0 : int.MaxValue, 0, 0, 0);

    /// <summary>
    /// What has no wildcard, then what has only those for one character, then the longest; of two alike what has fewer wildcards, and those nearer to the
    /// beginning.
    /// </summary>
    private static (int Tier, long Length, int, int, int) RankOnMariaDb(string host)
    {
        var wildcards = Wildcards(host);
        var many = wildcards.Count(wildcard => wildcard.Letter == Any);
        var tier = wildcards.Count == 0 ? 3 : many == 0 ? 2 : host == "%" ? 0 : 1;
        return (tier, tier == 3 ? 0 : host.Length - many, -many, -(wildcards.Count - many), wildcards.Count == 0 ? 0 : -wildcards[0].Place);
    }

    private static List<(char Letter, int Place)> Wildcards(string host)
    {
        var found = new List<(char, int)>();
        for (var place = 0; place < host.Length; place++)
        {
            if (host[place] == '\\')
            {
                place++;
            }
            else if (host[place] is Any or One)
            {
                found.Add((host[place], place));
            }
        }

        return found;
    }
}
