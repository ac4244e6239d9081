using Keyturn.Engines;

namespace Keyturn.Instances;

/// <summary>What several nodes show of their accounts, as one. Where they differ, the first one's word stands, and a remark says so.</summary>
internal static class NodeAccounts
{
    /// <summary>All rows that any node has, in the order they are met.</summary>
    public static IReadOnlyList<AccountRow> Join(IReadOnlyList<(Node Node, IReadOnlyList<AccountRow> Rows)> nodes) =>
        nodes is [var only] ? only.Rows : [.. nodes.SelectMany(shown => shown.Rows).Select(row => row.Name).Distinct().Select(name => Join(name, nodes))];

    /// <summary>One account: what may be done to it may be done on every node.</summary>
    public static Inspection Join(IReadOnlyList<(Node Node, Inspection Found)> nodes) => nodes is [var only] ? only.Found : new Inspection
    {
        Rows = Join([.. nodes.Select(node => (node.Node, node.Found.Rows))]),
        MayChangePassword = nodes.Any(node => node.Found.MayChangePassword == false) ? false
            : nodes.Any(node => node.Found.MayChangePassword is null) ? null
            : true,
        Missing = Join(nodes.SelectMany(node => node.Found.Missing)),
        CanReadBack = nodes.All(node => node.Found.CanReadBack),
    };

    /// <summary>What is missing at any node; the same statement for several of them stands once.</summary>
    private static IReadOnlyList<MissingRight> Join(IEnumerable<MissingRight> missing) =>
        [.. missing.GroupBy(right => right.Capability).Select(rights => new MissingRight(rights.Key, [.. rights.SelectMany(right => right.Statements).Distinct(StringComparer.Ordinal)]))];

    private static AccountRow Join(AccountName name, IReadOnlyList<(Node Node, IReadOnlyList<AccountRow> Rows)> nodes)
    {
        var there = nodes.Select(shown => (shown.Node, Row: shown.Rows.FirstOrDefault(row => row.Name == name))).ToList();
        var rows = there.Select(shown => shown.Row).OfType<AccountRow>().ToList();
        var first = rows[0];
        return first with
        {
            ByPassword = rows.TrueForAll(row => row.ByPassword),
            LoginObstacle = rows.Select(row => row.LoginObstacle).FirstOrDefault(obstacle => obstacle != EngineError.None),
            IsAdmin = rows.Exists(row => row.IsAdmin),
            Remarks = [.. rows.SelectMany(row => row.Remarks).Distinct(), .. there.SelectMany(shown => Differences(first, shown.Node, shown.Row))],
        };
    }

    private static IEnumerable<string> Differences(AccountRow first, Node node, AccountRow? row)
    {
        if (row is null)
        {
            yield return $"{node} has no such account.";
            yield break;
        }

        if (row.Method != first.Method)
        {
            yield return $"{node}: the method is {row.Method}.";
        }

        if (row.LoginObstacle != first.LoginObstacle)
        {
            yield return $"{node}: {(row.LoginObstacle == EngineError.None ? "nothing stands in the way of a login" : $"{row.LoginObstacle}")}.";
        }

        if (row.IsAdmin != first.IsAdmin)
        {
            yield return $"{node}: {(row.IsAdmin ? "an administrator" : "no administrator")}.";
        }
    }
}
