using System.Globalization;
using System.Text.RegularExpressions;
using Keyturn.Access;
using Keyturn.Audit;
using Keyturn.Storage.Tables;

namespace Keyturn.Storage.Chain;

/// <summary>
/// Audit rows that an earlier Keyturn wrote are in no chain. The first row that is has one hash over all of them: from then on they are as
/// safe as the others.
/// </summary>
internal static partial class EarlierRows
{
    /// <summary>The action of the row that has the hash.</summary>
    public const string Action = "audit.begin";

    private const long PageSize = 1000;

    /// <summary>What an anchor says.</summary>
    public sealed record Anchor(long Count, long Last, string Hash)
    {
        public string Text() => string.Create(CultureInfo.InvariantCulture, $"{Count} earlier rows, up to sequence {Last}: {Hash}");

        public static Anchor? Read(string? text) => text is not null && Pattern().Match(text) is { Success: true } match
            ? new Anchor(long.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture), long.Parse(match.Groups[2].ValueSpan, CultureInfo.InvariantCulture), match.Groups[3].Value)
            : null;
    }

    /// <summary>Whether there are such rows and no chain yet.</summary>
    public static async ValueTask<bool> AreLooseAsync(StoreSession session) =>
        !await session.AnyAsync("SELECT 1 FROM audit_chains LIMIT 1") && await session.AnyAsync("SELECT 1 FROM audit LIMIT 1");

    /// <summary>Writes the row that has their hash.</summary>
    public static async ValueTask AnchorAsync(StoreSession session, ChainKey key)
    {
        if (await AreLooseAsync(session) && await session.FirstNumberAsync("SELECT max(sequence) FROM audit") is { } last)
        {
            var anchor = await HashAsync(session, key, last);
            var project = await ProjectRows.FindFirstIdAsync(session) ?? Guid.Empty;
            var entry = new AuditEntry { Caller = Caller.Keyturn(project), Action = Action, Outcome = "done", Detail = anchor.Text() };
            await AuditRows.AppendAsync(session, entry, await session.NowAsync());
        }
    }

    /// <summary>The hash over those up to a sequence.</summary>
    public static async ValueTask<Anchor> HashAsync(StoreSession session, ChainKey key, long last)
    {
        using var hash = key.Begin();
        var count = 0L;
        var page = new List<RecordedAuditEntry>();
        for (var after = 0L; (page = await AuditRows.UnchainedAsync(session, after, last, PageSize)).Count > 0; after = page[^1].Sequence)
        {
            page.ForEach(row => hash.AppendData(RowEncoding.Encode(Guid.Empty, row.Sequence, row.Time, row.Entry)));
            count += page.Count;
        }

        return new Anchor(count, last, Convert.ToHexStringLower(hash.GetHashAndReset()));
    }

    [GeneratedRegex(@"\A(\d+) earlier rows, up to sequence (\d+): ([0-9a-f]{64})\z")]
    private static partial Regex Pattern();
}
