namespace Keyturn.Storage.Care;

/// <summary>Something that is damaged.</summary>
/// <param name="Where">Which row or part, in words: an account with its instance, a credential, the file.</param>
/// <param name="What">What is wrong with it; holds no secret.</param>
public sealed record StoreFinding(string Where, string What);

/// <summary>How much a store, or a backup of one, holds.</summary>
/// <param name="Instances">Instances.</param>
/// <param name="Accounts">Accounts.</param>
/// <param name="Secrets">Versions of their passwords.</param>
/// <param name="OpenResets">Resets that have not ended.</param>
/// <param name="NewestEntry">When the newest entry of its audit log was written; null if that is empty.</param>
public sealed record StoreContent(long Instances, long Accounts, long Secrets, long OpenResets, DateTimeOffset? NewestEntry);

/// <summary>What a check has found.</summary>
/// <param name="Content">What there is; null if that could not be read.</param>
/// <param name="SealsWereTried">Whether there was a master key to open every sealed text with, and to verify the audit log.</param>
/// <param name="Findings">What is damaged; empty when nothing is.</param>
public sealed record StoreReport(StoreContent? Content, bool SealsWereTried, IReadOnlyList<StoreFinding> Findings);
