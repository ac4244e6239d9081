using System.Text.Json;
using System.Text.Json.Nodes;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Keyturn.Cli.Fleet;

/// <summary>Writes JSON as YAML that people read and change: words plain, certificates as they are, everything else in quotes.</summary>
internal sealed class YamlWriter(TextWriter output)
{
    private static readonly HashSet<string> NotPlain = new(["true", "false", "yes", "no", "on", "off", "y", "n", "null"], StringComparer.OrdinalIgnoreCase);

    private readonly Emitter _emitter = new(output, new EmitterSettings().WithBestWidth(int.MaxValue));

    public void Write(JsonNode document)
    {
        _emitter.Emit(new StreamStart());
        _emitter.Emit(new DocumentStart());
        WriteNode(document);
        _emitter.Emit(new DocumentEnd(isImplicit: true));
        _emitter.Emit(new StreamEnd());
    }

    private void WriteNode(JsonNode? node)
    {
        switch (node)
        {
            case JsonObject members:
                WriteMembers(members);
                break;
            case JsonArray items:
                WriteItems(items);
                break;
            default:
                WriteValue(node);
                break;
        }
    }

    private void WriteMembers(JsonObject members)
    {
        // In one line, since they are few words: a node, an account.
        var isShort = members.Count <= 5 && members.All(member => member.Value is JsonValue value && value.ToString() is { Length: <= 64 } text && !text.Contains('\n', StringComparison.Ordinal));
        _emitter.Emit(new MappingStart(AnchorName.Empty, TagName.Empty, isImplicit: true, isShort && members.Parent is JsonArray ? MappingStyle.Flow : MappingStyle.Block));
        foreach (var (name, value) in members)
        {
            WriteText(name);
            WriteNode(value);
        }

        _emitter.Emit(new MappingEnd());
    }

    private void WriteItems(JsonArray items)
    {
        _emitter.Emit(new SequenceStart(AnchorName.Empty, TagName.Empty, isImplicit: true, SequenceStyle.Block));
        foreach (var item in items)
        {
            WriteNode(item);
        }

        _emitter.Emit(new SequenceEnd());
    }

    private void WriteValue(JsonNode? value)
    {
        if (value?.GetValueKind() == JsonValueKind.String)
        {
            WriteText(value.GetValue<string>());
        }
        else
        {
            Emit(value?.ToJsonString() ?? "null", ScalarStyle.Plain);
        }
    }

    private void WriteText(string text) => Emit(text, StyleOf(text));

    private static ScalarStyle StyleOf(string text) =>
        text.Length > 0 && char.IsAsciiLetter(text[0]) && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.' or '/') && !NotPlain.Contains(text) ? ScalarStyle.Plain
        : text.StartsWith("-----BEGIN ", StringComparison.Ordinal) && text.All(c => c is '\n' or (>= ' ' and <= '~')) && !text.Contains(" \n", StringComparison.Ordinal) ? ScalarStyle.Literal
        : ScalarStyle.DoubleQuoted;

    private void Emit(string text, ScalarStyle style) =>
        _emitter.Emit(new Scalar(AnchorName.Empty, TagName.Empty, text, style, isPlainImplicit: style == ScalarStyle.Plain, isQuotedImplicit: style != ScalarStyle.Plain));
}
