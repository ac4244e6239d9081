namespace Keyturn.Cli.Fleet;

/// <summary>A value of a YAML document and where it stands.</summary>
/// <param name="At">Where it begins.</param>
/// <param name="Size">How many values it is, aliases written out.</param>
internal abstract record YamlNode(Position At, int Size)
{
    /// <summary>What it is, for people.</summary>
    public abstract string Kind { get; }

    /// <summary>Written as <c>~</c>, <c>null</c> or not at all.</summary>
    public virtual bool IsNull => false;
}

/// <summary>One word or text.</summary>
/// <param name="At">Where it begins.</param>
/// <param name="Text">Without quotes and escapes.</param>
/// <param name="IsPlain">Whether it stands without quotes: then it may be a number, a boolean or nothing.</param>
internal sealed record YamlScalar(Position At, string Text, bool IsPlain) : YamlNode(At, Size: 1)
{
    public override string Kind => IsNull ? "nothing" : "a text";

    public override bool IsNull => IsPlain && Text is ("" or "~" or "null" or "Null" or "NULL");
}

/// <summary>A list.</summary>
internal sealed record YamlSequence(Position At, IReadOnlyList<YamlNode> Items) : YamlNode(At, 1 + Items.Sum(item => item.Size))
{
    public override string Kind => "a list";
}

/// <summary>Keys and values, in the order of the file; no key is there twice.</summary>
internal sealed record YamlMapping(Position At, IReadOnlyList<YamlMember> Members) : YamlNode(At, 1 + Members.Sum(member => 1 + member.Value.Size))
{
    public override string Kind => "keys and values";
}

/// <summary>A key and its value.</summary>
internal sealed record YamlMember(YamlScalar Key, YamlNode Value);
