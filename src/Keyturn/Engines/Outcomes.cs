using Keyturn.Instances;

namespace Keyturn.Engines;

/// <summary>A cause and the server's own words about it. The detail never holds a secret.</summary>
/// <param name="Error">The cause.</param>
/// <param name="Detail">The server's message and code, or ours; for people.</param>
public sealed record Failure(EngineError Error, string Detail)
{
    /// <summary>Whether the detail says at which nodes it was.</summary>
    internal bool NamesNodes { get; init; }

    /// <summary>The same, with the statements that would grant what is missing; unchanged where there are none to name.</summary>
    public Failure Lacking(string? grant) => grant is null ? this : this with { Detail = $"{Detail.TrimEnd('.')}. Missing: {grant}" };

    /// <summary>By what it says.</summary>
    public bool Equals(Failure? other) => other is not null && (Error, Detail) == (other.Error, other.Detail);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Error, Detail);
}

/// <summary>Either a value or the failure that stood in its way. Engines return it; they throw only for bugs.</summary>
public readonly record struct Answer<T>
    where T : class
{
    internal Answer(T? value, Failure? failure) => (Value, Failure) = (value, failure);

    /// <summary>The value; null when there is a failure.</summary>
    public T? Value { get; }

    /// <summary>The failure; null when there is a value.</summary>
    public Failure? Failure { get; }

    /// <summary>A failure is an answer.</summary>
    public static implicit operator Answer<T>(Failure failure) => new(value: null, failure);
}

/// <summary>Makes answers that hold a value.</summary>
public static class Answer
{
    /// <summary>The value as an answer.</summary>
    public static Answer<T> Of<T>(T value)
        where T : class => new(value, failure: null);
}

/// <summary>What became of a statement that changes something.</summary>
public enum Change
{
    /// <summary>The server said that it is done.</summary>
    Applied,

    /// <summary>The server said no, and nothing changed.</summary>
    Refused,

    /// <summary>It never left.</summary>
    NotSent,

    /// <summary>It left, and no answer came: it may be done, now or later, until its session is over.</summary>
    Unknown,
}

/// <summary>Keys derived from a password while it was set, kept so that the proof need not derive them again.</summary>
public abstract class DerivedKeys;

/// <summary>The outcome of <see cref="IAdminSession.SetPasswordAsync"/>, and of the other statements that change something.</summary>
/// <param name="Change">What became of it.</param>
/// <param name="Failure">Why, unless it was applied.</param>
public sealed record ChangeResult(Change Change, Failure? Failure = null)
{
    /// <summary>Applied, without more to say.</summary>
    public static readonly ChangeResult Applied = new(Change.Applied);

    /// <summary>For the login that follows; see <see cref="IEngine.TryLoginAsync"/>.</summary>
    public DerivedKeys? Derived { get; init; }

    /// <summary>The server said no.</summary>
    public static ChangeResult Refused(EngineError error, string detail) => new(Change.Refused, new Failure(error, detail));

    /// <summary>It never left.</summary>
    public static ChangeResult NotSent(EngineError error, string detail) => new(Change.NotSent, new Failure(error, detail));

    /// <summary>No answer came.</summary>
    public static ChangeResult Unknown(EngineError error, string detail) => new(Change.Unknown, new Failure(error, detail));
}

/// <summary>What a login showed about a password.</summary>
public enum Login
{
    /// <summary>The server asked for the password and accepted it.</summary>
    Accepted,

    /// <summary>The server let us in without asking: proves nothing.</summary>
    NotChecked,

    /// <summary>The server refuses the name or the password (most servers do not say which).</summary>
    WrongPassword,

    /// <summary>The password was right, and the login was refused for another reason (locked, expired, NOLOGIN, limit).</summary>
    Refused,

    /// <summary>The server would not say: a method that we do not speak, or would not speak here. Not a refusal.</summary>
    NoVerdict,

    /// <summary>The conversation did not come to a verdict.</summary>
    Unreachable,
}

/// <summary>The outcome of a login.</summary>
/// <param name="Login">What it showed.</param>
/// <param name="Failure">Why it was not accepted.</param>
public sealed record LoginResult(Login Login, Failure? Failure = null)
{
    /// <summary>Accepted.</summary>
    public static readonly LoginResult Accepted = new(Login.Accepted);

    /// <summary>
    /// The password may have reached the server, which did not say what it thinks of it: it hung up, took longer than anybody waits, or refuses in words that it has for
    /// other reasons too (PostgreSQL, where a directory knows the password). Who could do that as often as they like would read the answer from that.
    /// </summary>
    public bool WasLeftOpen { get; init; }

    /// <summary>To be counted as a wrong password.</summary>
    public bool IsGuess => Login == Login.WrongPassword || WasLeftOpen;

    /// <summary>MySQL and MariaDB: the row that the server chose, from CURRENT_USER().</summary>
    public AccountName? Row { get; init; }

    /// <summary>MySQL, MariaDB and MongoDB: the number of the session that the login opened. Those that were opened earlier have lower ones.</summary>
    public string? Session { get; init; }
}

/// <summary>What the server's stored verifier says about a password.</summary>
public enum ReadbackVerdict
{
    /// <summary>The verifier is this password's, on every row that authenticates by password.</summary>
    Matches,

    /// <summary>It is another password's.</summary>
    Differs,

    /// <summary>Several rows or alternatives disagree: some match, some do not.</summary>
    Mixed,

    /// <summary>The admin login may not read it, or the method keeps nothing that we can compute.</summary>
    Unreadable,

    /// <summary>The account is gone.</summary>
    Missing,
}

/// <summary>The outcome of <see cref="IAdminSession.ReadBackAsync"/>.</summary>
/// <param name="Verdict">What was found.</param>
/// <param name="Failure">Why it could not be read.</param>
public sealed record Readback(ReadbackVerdict Verdict, Failure? Failure = null);

/// <summary>The server's word for one session: what identifies it, and what tells it from a later one of the same number.</summary>
/// <param name="Id">PostgreSQL pid, MySQL connection id, Redis CLIENT ID, MongoDB connection number and server.</param>
/// <param name="Start">PostgreSQL backend_start, MySQL server start, Redis run_id, MongoDB process id: ids are reused after a restart.</param>
public sealed record ServerSession(string Id, string Start);

/// <summary>Whether a session of the past can still do something.</summary>
public enum SessionEnd
{
    /// <summary>It is over, or the server has restarted since: nothing that it was sent can land any more.</summary>
    Gone,

    /// <summary>It could not be shown to be over.</summary>
    NotProved,
}

/// <summary>The outcome of <see cref="IAdminSession.EndSessionAsync"/>.</summary>
/// <param name="End">Whether it is over.</param>
/// <param name="Failure">Why it could not be shown.</param>
public sealed record SessionEndResult(SessionEnd End, Failure? Failure = null);
