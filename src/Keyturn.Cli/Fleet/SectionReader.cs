using System.Globalization;
using System.Text.Json.Nodes;
using Keyturn.Cli.Commands;

namespace Keyturn.Cli.Fleet;

/// <summary>Reads sections of a fleet file into members as the API has them. Goes on after a fault: all of them are told at once.</summary>
/// <param name="folder">What names of files are relative to: the folder of the file.</param>
/// <param name="faults">Takes what is wrong.</param>
internal sealed class SectionReader(string folder, List<Fault> faults)
{
    /// <summary>The section's members: those that the file names, and no others.</summary>
    public JsonObject Read(YamlNode node, string what, IReadOnlyList<FleetKey> keys)
    {
        var body = new JsonObject();
        if (node is not YamlMapping section)
        {
            faults.Add(new Fault(node.At, $"{what} is to be keys and values, and is {node.Kind}."));
            return body;
        }

        foreach (var (key, value) in section.Members)
        {
            if (keys.FirstOrDefault(known => known.Name == key.Text) is { } known)
            {
                Add(body, key, known, value);
            }
            else
            {
                faults.Add(new Fault(key.At, UnknownKey(key.Text, what, keys)));
            }
        }

        foreach (var missing in keys.Where(key => key.IsRequired && section.Members.All(member => member.Key.Text != key.Name)))
        {
            faults.Add(new Fault(section.At, $"{what} needs the key {missing.Name}."));
        }

        return body;
    }

    private void Add(JsonObject body, YamlScalar name, FleetKey key, YamlNode value)
    {
        if (key.Kind == ValueKind.Refused)
        {
            faults.Add(new Fault(name.At, key.Instead));
        }
        else if (body.ContainsKey(key.Member))
        {
            faults.Add(new Fault(name.At, $"{key.Name} and {key.Member} say the same: give one of them."));
        }
        else if (key.IsRequired && value.IsNull)
        {
            faults.Add(new Fault(name.At, $"{key.Name} needs a value."));
        }
        else
        {
            body[key.Member] = value.IsNull ? NothingOf(key) : ValueOf(key, value);
        }
    }

    private static JsonNode? NothingOf(FleetKey key) => key.Kind switch
    {
        ValueKind.Section => new JsonObject(),
        ValueKind.Sections or ValueKind.List => new JsonArray(),
        ValueKind.Texts => new JsonObject(),
        _ => key.Default?.DeepClone(),
    };

    private JsonNode? ValueOf(FleetKey key, YamlNode value) => key.Kind switch
    {
        ValueKind.Section => Read(value, key.Name, key.Keys),
        ValueKind.Sections or ValueKind.List => SectionsOf(key, value),
        ValueKind.Texts => TextsOf(key, value),
        _ when value is not YamlScalar => Refuse(value, $"{key.Name} is to be one value, and is {value.Kind}."),
        _ => OneOf(key, (YamlScalar)value),
    };

    private JsonNode? OneOf(FleetKey key, YamlScalar value) => key.Kind switch
    {
        ValueKind.Text => value.Text.Length > 0 || key.Default is not null ? value.Text : Refuse(value, $"{key.Name} is empty; ~ says that there is none."),
        ValueKind.File => ContentOf(key, value),
        ValueKind.Choice => key.Choices.Contains(value.Text) ? value.Text : Refuse(value, $"{key.Name} is one of {string.Join(", ", key.Choices)}{Spelling.DidYouMean(value.Text, key.Choices)}"),
        ValueKind.Whole when value.IsPlain && int.TryParse(value.Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole) => whole,
        ValueKind.Number when value.IsPlain && double.TryParse(value.Text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number) => number,
        ValueKind.Flag when value.IsPlain && value.Text is ("true" or "false") => value.Text == "true",
        ValueKind.Flag => Refuse(value, $"{key.Name} is true or false."),
        _ => Refuse(value, $"{key.Name} is a {(key.Kind == ValueKind.Whole ? "whole " : "")}number, without quotes."),
    };

    private JsonArray SectionsOf(FleetKey key, YamlNode value)
    {
        if (value is YamlSequence list)
        {
            return key.Kind == ValueKind.List ? [] : new JsonArray([.. list.Items.Select(item => Read(item, $"an item of {key.Name}", key.Keys))]);
        }

        Refuse(value, $"{key.Name} is a list, and is {value.Kind} here: begin each of its items with a dash.");
        return [];
    }

    private JsonObject TextsOf(FleetKey key, YamlNode value)
    {
        var texts = new JsonObject();
        foreach (var (name, text) in value is YamlMapping mapping ? mapping.Members : [])
        {
            texts[name.Text] = text is YamlScalar scalar ? scalar.IsNull ? "" : scalar.Text : Refuse(text, $"{name.Text} is to be a text, and is {text.Kind}.");
        }

        if (value is not YamlMapping)
        {
            Refuse(value, $"{key.Name} is to be names with texts, and is {value.Kind}.");
        }

        return texts;
    }

    private JsonNode? ContentOf(FleetKey key, YamlScalar path)
    {
        try
        {
            return InputFile.ReadOrNull(Path.Combine(folder, path.Text)) ?? Refuse(path, $"{key.Name}: {path.Text} has more than {InputFile.MaxBytes} bytes.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return Refuse(path, $"{key.Name}: {path.Text} cannot be read: {e.Message}");
        }
    }

    private static string UnknownKey(string name, string what, IReadOnlyList<FleetKey> keys)
    {
        var known = keys.Where(key => key.Kind != ValueKind.Refused).Select(key => key.Name).ToList();
        return name == "<<"
            ? "Merge keys (<<) are not understood: give a whole section an anchor, and name it with an alias."
            : $"There is no key {name} here{Spelling.DidYouMean(name, known)} {what} has {string.Join(", ", known)}.";
    }

    private JsonNode? Refuse(YamlNode at, string sentence)
    {
        faults.Add(new Fault(at.At, sentence));
        return null;
    }
}
