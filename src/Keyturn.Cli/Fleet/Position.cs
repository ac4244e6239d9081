namespace Keyturn.Cli.Fleet;

/// <summary>A place in a file, counted from one, as editors and compilers write it.</summary>
internal readonly record struct Position(string File, long Line, long Column)
{
    public override string ToString() => $"{File}:{Line}:{Column}";
}

/// <summary>What is wrong at a place.</summary>
internal sealed record Fault(Position At, string Sentence);
