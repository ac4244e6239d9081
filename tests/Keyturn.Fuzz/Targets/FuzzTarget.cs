using System.Text;
using System.Text.RegularExpressions;

namespace Keyturn.Fuzz.Targets;

/// <summary>Something that takes input from outside. Whatever it throws is a finding: what it is allowed to throw, it catches.</summary>
/// <param name="name">What it is called, and its folder of the corpus.</param>
internal abstract partial class FuzzTarget(string name) : IAsyncDisposable
{
    private const int LongestShape = 60;

    public string Name => name;

    /// <summary>Bytes of an input.</summary>
    public virtual int Longest => 64 * 1024;

    /// <summary>Words that its reader knows: mutations put them in.</summary>
    public virtual IReadOnlyList<string> Words => [];

    /// <summary>Called once, before the first input.</summary>
    public virtual ValueTask StartAsync() => ValueTask.CompletedTask;

    /// <summary>Takes an input. What comes out says which way it went: an input that goes a new way is kept.</summary>
    public abstract ValueTask<string> RunAsync(byte[] input);

    /// <summary>Called after each input, in time that is nobody's.</summary>
    public virtual ValueTask RestAsync() => ValueTask.CompletedTask;

    public abstract ValueTask DisposeAsync();

    /// <summary>A sentence without what differs from input to input.</summary>
    public static string Shape(string text)
    {
        var plain = Differing().Replace(text.Length > 4 * LongestShape ? text[..(4 * LongestShape)] : text, "#");
        return plain.Length > LongestShape ? plain[..LongestShape] : plain;
    }

    protected static string Latin1(byte[] input) => Encoding.Latin1.GetString(input);

    protected static string Utf8(byte[] input) => Encoding.UTF8.GetString(input);

    [GeneratedRegex("[0-9a-f-]*[0-9][0-9a-f-]*|[^ -~]+", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex Differing();
}

/// <summary>A target that is one function.</summary>
internal sealed class TextTarget(string name, Func<byte[], string> run, params string[] words) : FuzzTarget(name)
{
    public override IReadOnlyList<string> Words => words;

    public int MaxLength { private get; init; } = 64 * 1024;

    public override int Longest => MaxLength;

    public override ValueTask<string> RunAsync(byte[] input) => ValueTask.FromResult(run(input));

    public override ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
