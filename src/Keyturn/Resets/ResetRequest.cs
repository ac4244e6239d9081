using Keyturn.Access;
using Keyturn.Engines;
using Keyturn.Instances;
using Keyturn.Passwords;

namespace Keyturn.Resets;

/// <summary>What a caller asks of an account.</summary>
/// <param name="Caller">Who asks.</param>
/// <param name="Instance">On which instance; the door has looked it up in the caller's project.</param>
/// <param name="Account">Of which account.</param>
/// <param name="Operation">Through which door, by name; part of the idempotency key.</param>
public sealed record ResetRequest(Caller Caller, Instance Instance, AccountName Account, string Operation)
{
    /// <summary>Reset, create, or discard the old password.</summary>
    public ResetKind Kind { get; init; }

    /// <summary>The wished password; null asks for a generated one.</summary>
    public Secret? Password { get; init; }

    /// <summary>The policy that the password, given or generated, keeps to where the door has its own; null means the instance's.</summary>
    public PasswordPolicy? Policy { get; init; }

    /// <summary>Authentication plugin to move the account to; null keeps its own.</summary>
    public string? AuthPlugin { get; init; }

    /// <summary>What an account that is made may do; empty means nothing but to log in.</summary>
    public IReadOnlyList<AccountRole> Roles { get; init; } = [];

    /// <summary>How long the password before stays valid beside the new one, where the server can; null shuts it out, as a reset does.</summary>
    public TimeSpan? KeepOldFor { get; init; }

    /// <summary>Overrides the account's proof mode for this and later resets; null keeps it.</summary>
    public ProofMode? Proof { get; init; }

    /// <summary>The caller's key, printable ASCII, 1 to 255 characters.</summary>
    public string? IdempotencyKey { get; init; }

    /// <summary>
    /// Brings nodes that were added up to the account's present password, which <see cref="Password"/> is: no rule of passwords is asked, and the other
    /// nodes, which have it, are proved and not changed.
    /// </summary>
    public PasswordSpread? Spread { get; init; }

    /// <summary>The answer does not show the password, so that an answer that is given again reveals nothing.</summary>
    public bool HidesPassword { get; init; }

    /// <summary>The due time that a schedule asks for it at: it is prepared only while the account's schedule still has that one.</summary>
    public DateTimeOffset? DueAt { get; init; }

    /// <summary>How long the caller waits for other resets of the account.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(25);
}

/// <summary>A stored password that goes to more nodes.</summary>
/// <param name="Nodes">Their addresses.</param>
/// <param name="Seen">The versions that it was read with.</param>
public sealed record PasswordSpread(IReadOnlyCollection<string> Nodes, VersionsSeen Seen)
{
    /// <summary>The operation of such resets: recovery knows them by it.</summary>
    public const string Operation = "keyturn.join";
}

/// <summary>What came of it: a refusal before anything was written, or a reset and where it stands.</summary>
public sealed record ResetOutcome
{
    /// <summary>Nothing was written, sent or changed.</summary>
    public Refusal? Refusal { get; init; }

    /// <summary>The reset; null only with a <see cref="Refusal"/>.</summary>
    public ResetRecord? Reset { get; init; }

    /// <summary>The new password; only when the reset is done.</summary>
    public Secret? Password { get; init; }

    /// <summary>A refusal as an outcome.</summary>
    public static ResetOutcome Refused(Refusal refusal) => new() { Refusal = refusal };
}
