using System.Text;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Keyturn.Cli.Fleet;

/// <summary>
/// Reads the documents of a YAML file into nodes that know where they stand. What nobody needs to describe servers, and what only serves to exhaust a
/// reader, is refused: tags, keys that are no text, and more depth or more values (aliases written out) than any fleet has.
/// </summary>
internal sealed class YamlReader
{
    public const int MaxBytes = 1024 * 1024;
    private const int MaxDepth = 20;
    private const int MaxSize = 100_000;

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly string _file;
    private readonly Parser _parser;
    private readonly Dictionary<AnchorName, YamlNode> _anchors = [];
    private int _size;

    private YamlReader(string file, string text)
    {
        _file = file;
        _parser = new Parser(new Scanner(new StringReader(text), skipComments: true));
    }

    /// <summary>The documents that are not empty, or the first thing that makes the file none of YAML.</summary>
    public static (IReadOnlyList<YamlNode> Documents, Fault? Fault) Read(string file, ReadOnlySpan<byte> bytes)
    {
        var start = new Position(file, 1, 1);
        if (bytes.Length > MaxBytes)
        {
            return ([], new Fault(start, $"The file has more than {MaxBytes} bytes: divide it, and give -f for each."));
        }

        try
        {
            return new YamlReader(file, Strict.GetString(bytes).TrimStart('\uFEFF')).Read();
        }
        catch (DecoderFallbackException)
        {
            return ([], new Fault(start, "The file is not UTF-8."));
        }
    }

    private (IReadOnlyList<YamlNode> Documents, Fault? Fault) Read()
    {
        try
        {
            return (ReadDocuments(), null);
        }
        catch (YamlException e)
        {
            return ([], new Fault(new Position(_file, e.Start.Line, e.Start.Column), Sentence(e.Message)));
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException or IndexOutOfRangeException or FormatException)
        {
            // So the parser ends on some texts that are no YAML; it does not say where.
            var end = _parser.Current?.End ?? Mark.Empty;
            return ([], new Fault(new Position(_file, end.Line, end.Column), "From about here on this is no YAML."));
        }
    }

    private List<YamlNode> ReadDocuments()
    {
        var documents = new List<YamlNode>();
        _parser.Consume<StreamStart>();
        while (!_parser.TryConsume<StreamEnd>(out _))
        {
            _parser.Consume<DocumentStart>();
            _anchors.Clear();
            var document = ReadNode(depth: 1);
            _parser.Consume<DocumentEnd>();
            if (!document.IsNull)
            {
                documents.Add(document);
            }
        }

        return documents;
    }

    private YamlNode ReadNode(int depth)
    {
        if (_parser.TryConsume<AnchorAlias>(out var alias))
        {
            return _anchors.TryGetValue(alias.Value, out var named) ? Counted(named, named.Size, alias) : throw Refuse(alias, $"There is no anchor {alias.Value} before this, or this is inside of it.");
        }

        var began = _parser.Require<NodeEvent>();
        if (depth > MaxDepth)
        {
            throw Refuse(began, $"The values are nested deeper than {MaxDepth}.");
        }

        if (!began.Tag.IsEmpty && !began.Tag.IsNonSpecific)
        {
            throw Refuse(began, $"Tags ({began.Tag}) are not understood.");
        }

        var node = Counted(ReadContent(depth), own: 1, began);
        if (!began.Anchor.IsEmpty)
        {
            _anchors[began.Anchor] = node;
        }

        return node;
    }

    private YamlNode ReadContent(int depth)
    {
        if (_parser.TryConsume<Scalar>(out var scalar))
        {
            return new YamlScalar(At(scalar), scalar.Value, scalar.Style == ScalarStyle.Plain);
        }

        if (!_parser.TryConsume<SequenceStart>(out var sequence))
        {
            return ReadMapping(depth);
        }

        var items = new List<YamlNode>();
        while (!_parser.TryConsume<SequenceEnd>(out _))
        {
            items.Add(ReadNode(depth + 1));
        }

        return new YamlSequence(At(sequence), items);
    }

    private YamlMapping ReadMapping(int depth)
    {
        var began = _parser.Consume<MappingStart>();
        var members = new List<YamlMember>();
        var keys = new HashSet<string>(StringComparer.Ordinal);
        while (!_parser.TryConsume<MappingEnd>(out _))
        {
            var place = _parser.Require<ParsingEvent>();
            var key = ReadNode(depth + 1) as YamlScalar ?? throw Refuse(place, "A key is one word.");
            if (!keys.Add(key.Text))
            {
                throw Refuse(place, $"The key {key.Text} is here twice.");
            }

            members.Add(new YamlMember(key, ReadNode(depth + 1)));
        }

        return new YamlMapping(At(began), members);
    }

    /// <summary>A few aliases of aliases are a billion values.</summary>
    private YamlNode Counted(YamlNode node, int own, ParsingEvent place)
    {
        _size += own;
        return _size <= MaxSize ? node : throw Refuse(place, $"The file has more than {MaxSize} values, aliases written out.");
    }

    private Position At(ParsingEvent place) => new(_file, place.Start.Line, place.Start.Column);

    private static YamlException Refuse(ParsingEvent place, string sentence) => new(place.Start, place.End, sentence);

    private static string Sentence(string message) => message.EndsWith('.') ? message : message + ".";
}
