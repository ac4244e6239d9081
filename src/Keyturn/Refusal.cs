using Keyturn.Engines;
using Keyturn.Instances;

namespace Keyturn;

/// <summary>Why a request was refused with nothing changed.</summary>
public enum RefusalReason
{
    /// <summary>No such instance in this project.</summary>
    InstanceMissing,

    /// <summary>No such reset in this project.</summary>
    ResetMissing,

    /// <summary>Keyturn holds no password of this account.</summary>
    SecretMissing,

    /// <summary>A member of the request is wrong.</summary>
    InvalidRequest,

    /// <summary>The password breaks the instance's password policy.</summary>
    PasswordPolicy,

    /// <summary>The instance is frozen.</summary>
    InstanceFrozen,

    /// <summary>The instance's operator says that it is not ready (abnormal, creating, …).</summary>
    InstanceStatus,

    /// <summary>Another reset of the account is open, or too many wait for it.</summary>
    Busy,

    /// <summary>The account was restored from a backup, and nobody has shown yet that its password is the server's.</summary>
    Unverified,

    /// <summary>The idempotency key was used for another request.</summary>
    KeyReused,

    /// <summary>The name, server or account is taken, or was changed meanwhile.</summary>
    Conflict,

    /// <summary>The account is Keyturn's admin login, or the provider's own.</summary>
    Protected,

    /// <summary>The credential that the caller shows is not for this.</summary>
    Forbidden,

    /// <summary>Too many wrong passwords were given; see <see cref="Refusal.RetryAfter"/>.</summary>
    TooManyGuesses,

    /// <summary>The server, or the way to it, said no; see the error.</summary>
    Engine,

    /// <summary>Keyturn's own store could not write.</summary>
    Store,
}

/// <summary>A refusal: nothing was changed, and nothing will be because of it.</summary>
/// <param name="Reason">Why.</param>
/// <param name="Detail">One sentence, without secrets.</param>
/// <param name="Error">The engine's cause, for <see cref="RefusalReason.Engine"/>.</param>
public sealed record Refusal(RefusalReason Reason, string Detail, EngineError Error = EngineError.None)
{
    /// <summary>The reset that stands in the way, for <see cref="RefusalReason.Busy"/>.</summary>
    public Guid? ResetId { get; init; }

    /// <summary>When to ask again, for <see cref="RefusalReason.TooManyGuesses"/>.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>The violated rules, by name and sentence.</summary>
    public IReadOnlyList<Violation> Violations { get; init; } = [];

    /// <summary>The error's name, or the reason's where no engine said no: what an audit row has of it. The detail may hold the server's own words.</summary>
    internal string Name => Error == EngineError.None ? Reason.ToString() : Error.ToString();

    /// <summary>The instance's status as a refusal of a change; null while it is active.</summary>
    public static Refusal? Of(Instance instance) => instance.Status switch
    {
        InstanceStatus.Active => null,
        InstanceStatus.Frozen => new Refusal(RefusalReason.InstanceFrozen, $"{instance.Name} is frozen."),
        var status => new Refusal(RefusalReason.InstanceStatus, $"{instance.Name} is not ready: its status is {status}."),
    };

    /// <summary>The engine's failure as a refusal.</summary>
    public static Refusal Of(Failure failure) => new(RefusalReason.Engine, failure.Detail, failure.Error);
}

/// <summary>One violated rule.</summary>
/// <param name="Rule">Its name, stable: <c>min-length</c>, <c>weak</c>, …</param>
/// <param name="Sentence">What it asks for.</param>
public sealed record Violation(string Rule, string Sentence);
