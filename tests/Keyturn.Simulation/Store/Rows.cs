using Keyturn.Passwords;
using Keyturn.Resets;

namespace Keyturn.Simulation.Store;

/// <summary>A reset as the store has it.</summary>
internal sealed record ResetRow(ResetRecord Record, byte[] Digest, string? Key, DateTimeOffset LeaseUntil, DateTimeOffset NextAttemptAt)
{
    public DateTimeOffset? RepeatUntil { get; init; }

    /// <summary>Parked, and no longer waiting for anybody.</summary>
    public bool IsSuperseded { get; init; }

    public bool IsParked => Record.State == ResetState.Parked && !IsSuperseded;

    public bool IsUnsettled => Record.IsOpen || IsParked;
}

/// <summary>A version of an account's password.</summary>
internal sealed record SecretRow(Guid AccountId, StoredSecret Secret);
