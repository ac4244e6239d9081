namespace Keyturn.Bench;

/// <summary>An answer as far as it must not differ.</summary>
internal sealed record TimedAnswer(int Status, int Length);

/// <summary>Two requests that are to be answered alike: one about what is there, and one about what is not.</summary>
/// <param name="Subject">The door, or the server.</param>
/// <param name="What">What the two are about.</param>
/// <param name="There">About what is there.</param>
/// <param name="NotThere">About what is not.</param>
/// <param name="Every">Slow ones are asked only in every so-manieth round.</param>
internal sealed record TimingPair(string Subject, string What, Func<Task<TimedAnswer>> There, Func<Task<TimedAnswer>> NotThere, int Every = 1);
