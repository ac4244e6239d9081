using Keyturn.Crash.Nodes;

namespace Keyturn.Crash.Storms;

/// <summary>What a caller was told of its reset.</summary>
internal enum Told
{
    /// <summary>2xx: this password is in force.</summary>
    Done,

    /// <summary>202: it may be done or not, and goes on without its caller.</summary>
    Undecided,

    /// <summary>Refused or failed, and with it the promise that nothing changed and nothing will.</summary>
    Unchanged,

    /// <summary>No answer: the process was killed, or the caller hung up.</summary>
    Nothing,
}

/// <summary>One call of one caller, and its answer.</summary>
/// <param name="Account">Whose password.</param>
/// <param name="Given">The password that the caller asked for; null for a generated one.</param>
/// <param name="Sent">When, as a timestamp of this machine.</param>
internal sealed record Call(Account Account, string? Given, long Sent)
{
    public Told Told { get; init; } = Told.Nothing;

    public long Ended { get; init; }

    public int Status { get; init; }

    /// <summary>The problem's type and cause, for refusals.</summary>
    public string? Problem { get; init; }

    public string? ResetId { get; init; }

    public int Version { get; init; }

    /// <summary>The password that a success told; null where a later one has taken its place.</summary>
    public string? Password { get; init; }

    public static Call Of(Call sent, ApiAnswer answer)
    {
        var reset = answer.Body["reset"];
        return sent with
        {
            Ended = TimeProvider.System.GetTimestamp(),
            Status = (int)answer.Status,
            Told = (int)answer.Status switch { 202 => Told.Undecided, >= 200 and < 300 => Told.Done, _ => Told.Unchanged },
            Problem = reset is null ? $"{answer["type"]} {answer["cause"]}".Trim() : null,
            ResetId = reset?["id"]?.ToString() ?? answer["reset_id"],
            Version = reset is null ? 0 : (int)reset["version"]!,
            Password = answer["password"],
        };
    }
}
