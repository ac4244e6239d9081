using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Keyturn.Cli.Output;

namespace Keyturn.Cli.Fleet;

/// <summary>One thing that is other than the file says.</summary>
/// <param name="Member">Which: <c>tls.mode</c>.</param>
/// <param name="Old">As it is.</param>
/// <param name="New">As it is to be.</param>
internal sealed record Difference(string Member, string Old, string New);

/// <summary>Compares what a file names with what is registered. The order of nodes, the spelling of PEM and defaults written out are no difference.</summary>
internal sealed class Comparison
{
    private readonly List<Difference> _differences = [];

    public IReadOnlyList<Difference> Differences => _differences;

    /// <summary>What to send so that there is no difference any more (JSON merge patch).</summary>
    public JsonObject Patch { get; } = [];

    public static Comparison Of(DeclaredInstance declared, JsonElement present)
    {
        var comparison = new Comparison();
        foreach (var (member, value) in declared.Body)
        {
            comparison.Compare(declared, member, value, present);
        }

        return comparison;
    }

    private void Compare(DeclaredInstance declared, string member, JsonNode? value, JsonElement present)
    {
        switch (member)
        {
            case "nodes":
                CompareNodes(value!.AsArray(), present, declared.IsDiscovered);
                break;
            case "tls":
                CompareTls(value!.AsObject(), present.GetProperty("tls"));
                break;
            case "admin" or "password_policy":
                CompareMembers(member, value!.AsObject(), present.GetProperty(member));
                break;
            case "tags" or "attributes":
                CompareTexts(member, value!.AsObject(), present.GetProperty(member));
                break;
            default:
                CompareOne(Patch, member, member, value, present);
                break;
        }
    }

    private void CompareNodes(JsonArray declared, JsonElement present, bool areSome)
    {
        var has = present.Items("nodes").Select(node => JsonNode.Parse(node.GetRawText())!).ToList();
        var wanted = declared.Select(node => node!.DeepClone()).ToList();
        wanted.AddRange(areSome ? has.Where(node => wanted.TrueForAll(other => AddressOf(other) != AddressOf(node))) : []);
        if (!has.Select(NodeText).ToHashSet().SetEquals(wanted.Select(NodeText)) || has.Count != wanted.Count)
        {
            _differences.Add(new Difference("nodes", Joined(has.Select(NodeText)), Joined(wanted.Select(NodeText))));
            Patch["nodes"] = new JsonArray([.. wanted.Select(node => node.DeepClone())]);
        }
    }

    private void CompareTls(JsonObject declared, JsonElement present)
    {
        var changed = new JsonObject();
        foreach (var (member, value) in declared.Where(pair => pair.Key != "client_key"))
        {
            CompareOne(changed, $"tls.{member}", member, value, present);
        }

        // The key is never shown, so that it cannot be compared: it comes and goes with its certificate. A renewed one may have the key that it had.
        if (changed.TryGetPropertyValue("client_certificate", out var certificate) && (certificate is null || declared["client_key"] is not null))
        {
            changed["client_key"] = declared["client_key"]?.DeepClone();
        }

        AddIfAny("tls", changed);
    }

    private void CompareMembers(string section, JsonObject declared, JsonElement present)
    {
        var changed = new JsonObject();
        foreach (var (member, value) in declared)
        {
            CompareOne(changed, $"{section}.{member}", member, value, present);
        }

        AddIfAny(section, changed);
    }

    /// <summary>Those that the file names are all that there are to be.</summary>
    private void CompareTexts(string section, JsonObject declared, JsonElement present)
    {
        var changed = new JsonObject();
        foreach (var name in present.EnumerateObject().Select(member => member.Name).Except(declared.Select(member => member.Key)))
        {
            _differences.Add(new Difference($"{section}.{name}", present.Text(name), "(none)"));
            changed[name] = null;
        }

        foreach (var (name, value) in declared)
        {
            CompareOne(changed, $"{section}.{name}", name, value, present);
        }

        AddIfAny(section, changed);
    }

    private void CompareOne(JsonObject changed, string path, string member, JsonNode? value, JsonElement present)
    {
        var has = present.Member(member) is { } element ? JsonNode.Parse(element.GetRawText()) : null;
        if (member == "auth_database" && value is not null && (string?)value == "admin")
        {
            value = null;
        }

        if (!AreSame(has, value))
        {
            _differences.Add(new Difference(path, Shown(has), Shown(value)));
            changed[member] = value?.DeepClone();
        }
    }

    private void AddIfAny(string section, JsonObject changed)
    {
        if (changed.Count > 0)
        {
            Patch[section] = changed;
        }
    }

    private static bool AreSame(JsonNode? one, JsonNode? other) => (one?.GetValueKind(), other?.GetValueKind()) switch
    {
        (null, null) => true,
        // An absent flag is one that is not set.
        (JsonValueKind.Number, JsonValueKind.Number) => NumberOf(one!) == NumberOf(other!),
        (JsonValueKind.String, JsonValueKind.String) => Canonical((string)one!) == Canonical((string)other!),
        var (kind, otherKind) => kind == otherKind,
    };

    private static double NumberOf(JsonNode node) => double.Parse(node.ToJsonString(), CultureInfo.InvariantCulture);

    /// <summary>Of PEM only what is in its blocks: line ends, and what stands around them, differ from file to file.</summary>
    private static string Canonical(string text)
    {
        if (!PemEncoding.TryFind(text, out _))
        {
            return text;
        }

        var blocks = new StringBuilder();
        for (var rest = text.AsSpan(); PemEncoding.TryFind(rest, out var block); rest = rest[block.Location.End..])
        {
            blocks.Append(rest[block.Label]).Append(':').Append(string.Concat(rest[block.Base64Data].ToString().Where(c => !char.IsWhiteSpace(c)))).Append(';');
        }

        return blocks.ToString();
    }

    /// <summary>A value for people; of a certificate its fingerprint.</summary>
    public static string Shown(JsonNode? value) => value?.GetValueKind() switch
    {
        null => "(none)",
        JsonValueKind.String when Canonical((string)value!) is var canonical && canonical != (string)value! =>
            $"(PEM {Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(canonical)))[..12]})",
        JsonValueKind.String => (string)value!,
        _ => value.ToJsonString(),
    };

    private static string AddressOf(JsonNode node) => $"{node["host"]}:{node["port"]}";

    private static string NodeText(JsonNode node) => $"{AddressOf(node)}={node["role"]?.ToString() ?? "primary"}";

    private static string Joined(IEnumerable<string> nodes) => string.Join(", ", nodes.Order(StringComparer.Ordinal));
}
