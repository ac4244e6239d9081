namespace Keyturn.Fuzz.Campaigns;

/// <summary>What an input did that none may.</summary>
internal enum Fault
{
    /// <summary>Something was thrown that the reader does not say it throws; or a server answered with 5xx, or not at all.</summary>
    Exception,

    /// <summary>It took more than a second, and again.</summary>
    Slow,

    /// <summary>It allocated more than 64 MB, and again.</summary>
    Memory,

    /// <summary>It had not ended after ten seconds.</summary>
    Hang,

    /// <summary>The process died: of an overflow of the stack, as a rule.</summary>
    Crash,
}

/// <summary>One finding: of one kind and at one place, however often.</summary>
/// <param name="Fault">Of what kind.</param>
/// <param name="Place">Where.</param>
internal sealed record Finding(Fault Fault, string Place)
{
    /// <summary>What was said of it the first time.</summary>
    public string Message { get; init; } = "";

    public bool IsSame(Finding? other) => other is not null && (other.Fault, other.Place) == (Fault, Place);
}

/// <summary>One run of an input: which way it went, or what is wrong with that.</summary>
internal sealed record Verdict(string Outcome, Finding? Finding);
