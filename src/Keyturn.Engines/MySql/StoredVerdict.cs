namespace Keyturn.Engines.MySql;

/// <summary>Compares stored verifiers with a password.</summary>
internal sealed class StoredVerdict(ServerFlavor flavor, ServerFacts server)
{
    /// <summary>
    /// Matches only where every method by password of every row has this password, and no older one is retained beside it.
    /// </summary>
    public Readback Of(IReadOnlyList<StoredAccount> rows, string password)
    {
        if (rows.Count == 0)
        {
            return new Readback(ReadbackVerdict.Missing);
        }

        var found = rows.SelectMany(row => Compare(row, password)).ToList();
        if (found.Count == 0)
        {
            return Unreadable(EngineError.AccountHasNoPassword, $"{rows[0].Name} authenticates by {rows[0].Methods[0].Plugin}.");
        }

        return (found.Contains(true), found.Contains(false), found.Contains(null)) switch
        {
            (true, true, _) => new Readback(ReadbackVerdict.Mixed),
            (_, _, true) => Unreadable(EngineError.Unsupported, $"{rows[0].Name} has a verifier that Keyturn cannot compute."),
            (true, _, _) => new Readback(ReadbackVerdict.Matches),
            _ => new Readback(ReadbackVerdict.Differs),
        };
    }

    private IEnumerable<bool?> Compare(StoredAccount row, string password)
    {
        foreach (var method in row.Methods.Where(method => method.IsByPassword))
        {
            yield return Compare(method.Plugin, method.Stored, password);
            if (row.Retained is { } retained)
            {
                // Even if it is the same password again: whoever reads this wants it to be the only one.
                yield return false;
                yield return Compare(method.Plugin, retained, password);
            }
        }
    }

    private bool? Compare(string plugin, string stored, string password) =>
        stored.Length == 0 ? false : flavor.VerifierOf(plugin, server)?.Matches(stored, password);

    private static Readback Unreadable(EngineError error, string detail) => new(ReadbackVerdict.Unreadable, new Failure(error, detail));
}
