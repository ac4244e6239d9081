namespace Keyturn.Wire;

/// <summary>How a server ended a login.</summary>
public enum LoginVerdict
{
    /// <summary>It asked for the password, and the proof convinced it (and, where the method is mutual, us).</summary>
    Accepted,

    /// <summary>It let us in without asking for the password.</summary>
    NotAsked,

    /// <summary>It refused; the code and message are the server's.</summary>
    Refused,

    /// <summary>It wants a method that we do not speak, or would not speak on this connection.</summary>
    NoVerdict,
}

/// <summary>The end of a login, in the server's words.</summary>
/// <param name="Verdict">How it ended.</param>
/// <param name="Code">SQLSTATE, error number or error word of the server; the method's name for <see cref="LoginVerdict.NoVerdict"/>.</param>
/// <param name="Message">The server's sentence, or ours about the method.</param>
public sealed record LoginReply(LoginVerdict Verdict, string? Code = null, string? Message = null)
{
    /// <summary>
    /// True where the server had found the password right before it said its last word: a refusal then has another reason. Set by protocols
    /// that tell the two apart.
    /// </summary>
    public bool IsPasswordProved { get; init; }

    /// <summary>True where the server refused after it had the password, or a proof of it. Set by protocols whose servers refuse in the same words before.</summary>
    public bool IsPasswordSent { get; init; }
}
