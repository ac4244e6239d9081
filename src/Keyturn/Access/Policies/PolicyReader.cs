using System.Text.Json;

namespace Keyturn.Access.Policies;

/// <summary>A document that was read, or everything that is wrong with it.</summary>
/// <param name="Document">The document; null when something is wrong.</param>
/// <param name="Violations">What is wrong, each with its place in the document.</param>
public sealed record PolicyReading(PolicyDocument? Document, IReadOnlyList<Violation> Violations);

/// <summary>
/// Reads policies from JSON. Strict: a member, operator or key that Keyturn does not know is an error, because leaving it out would change what
/// the policy says. Names of actions are not: policies name actions of services that are not here.
/// </summary>
public static class PolicyReader
{
    /// <summary>A document has at most so many characters, as in Huawei's IAM.</summary>
    public const int MaxLength = 6144;

    private const int MaxDepth = 8;

    private static readonly JsonDocumentOptions Options = new() { MaxDepth = MaxDepth, AllowDuplicateProperties = false };

    /// <summary>Reads a document.</summary>
    public static PolicyReading Read(string json)
    {
        if (json.Length > MaxLength)
        {
            return Wrong($"A policy has at most {MaxLength} characters, and this one has {json.Length}.");
        }

        try
        {
            using var document = JsonDocument.Parse(json, Options);
            var reading = new Reading();
            var policy = reading.Policy(document.RootElement);
            return reading.Violations.Count > 0 ? new PolicyReading(Document: null, reading.Violations) : new PolicyReading(policy, []);
        }
        catch (JsonException e)
        {
            return Wrong($"It is no JSON: {e.Message}");
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException)
        {
            // What the reader of JSON says, and only when a text is looked at, of half a surrogate pair: "\ud800" is JSON and no text.
            return Wrong("It has a text that is none: half a surrogate pair.");
        }
    }

    private static PolicyReading Wrong(string sentence) => new(Document: null, [new Violation("policy", sentence)]);

    private sealed class Reading
    {
        public List<Violation> Violations { get; } = [];

        public PolicyDocument Policy(JsonElement root)
        {
            Members(root, "the policy", "Version", "Statement");
            var kind = Text(root, "the policy", "Version") switch
            {
                "5.0" => PolicyKind.Identity,
                "1.1" => PolicyKind.Role,
                _ => Wrong("Version", "The Version is \"5.0\" or \"1.1\".", PolicyKind.Identity),
            };
            var statements = Array(root, "the policy", "Statement").Select((statement, index) => Statement(statement, $"Statement {index + 1}")).ToList();
            return statements.Count > 0 ? new PolicyDocument(kind, statements) : Wrong("Statement", "A policy has at least one Statement.", new PolicyDocument(kind, []));
        }

        private PolicyStatement Statement(JsonElement statement, string place)
        {
            Members(statement, place, "Sid", "Effect", "Action", "NotAction", "Resource", "Condition");
            var allOthers = Has(statement, "NotAction");
            if (allOthers == Has(statement, "Action"))
            {
                Wrong(place, $"{place} has either Action or NotAction.", "");
            }

            return new PolicyStatement
            {
                Sid = Has(statement, "Sid") ? Text(statement, place, "Sid") : null,
                Effect = Text(statement, place, "Effect") switch
                {
                    "Allow" => Effect.Allow,
                    "Deny" => Effect.Deny,
                    _ => Wrong(place, $"The Effect of {place} is \"Allow\" or \"Deny\".", Effect.Deny),
                },
                Actions = Texts(statement, place, allOthers ? "NotAction" : "Action", action => IsAction(action) ? new Wildcard(action) : null, "an action, service:type:operation"),
                AllOtherActions = allOthers,
                Resources = Has(statement, "Resource") ? Texts(statement, place, "Resource", ResourcePattern.TryParse, "a resource, service:region:account:type:path, or *") : [],
                Conditions = Has(statement, "Condition") ? Conditions(statement.GetProperty("Condition"), place) : [],
            };
        }

        /// <summary><c>{ "Operator": { "key": ["value", …] } }</c></summary>
        private List<Condition> Conditions(JsonElement conditions, string place)
        {
            if (conditions.ValueKind != JsonValueKind.Object)
            {
                return Wrong(place, $"The Condition of {place} is an object of operators.", new List<Condition>());
            }

            return [.. conditions.EnumerateObject().SelectMany(pair => OfOperator(pair, place))];
        }

        private IEnumerable<Condition> OfOperator(JsonProperty keys, string place)
        {
            if (ConditionOperator.Find(keys.Name) is not { } found)
            {
                return Wrong(place, $"{place}: there is no operator {keys.Name}; there are {string.Join(", ", ConditionOperator.Names)}, most of them also with IfExists.", Enumerable.Empty<Condition>());
            }

            return keys.Value.ValueKind == JsonValueKind.Object
                ? [.. keys.Value.EnumerateObject().Select(key => Condition(found.Operator, found.IfExists, keys, key.Name, place))]
                : Wrong(place, $"{place}: what stands under {keys.Name} is an object of keys with their values.", Enumerable.Empty<Condition>());
        }

        private Condition Condition(ConditionOperator compare, bool ifExists, JsonProperty keys, string key, string place)
        {
            if (!ConditionKeys.IsOne(key))
            {
                Wrong(place, $"{place}: no request has a value called {key}; there are {string.Join(", ", ConditionKeys.Names)} and {ConditionKeys.ResourceTag}NAME.", "");
            }

            var values = Texts(keys.Value, $"{place}, {keys.Name}", key, value => compare.Accepts(value) ? value : null, $"a value that {keys.Name} compares with");
            return new Condition(compare, key, values, ifExists);
        }

        private void Members(JsonElement element, string place, params ReadOnlySpan<string> known)
        {
            if (element.ValueKind != JsonValueKind.Object)
            {
                Wrong(place, $"{Capital(place)} is a JSON object.", "");
                return;
            }

            foreach (var member in element.EnumerateObject())
            {
                if (!known.Contains(member.Name))
                {
                    Wrong(place, $"{Capital(place)} has a member {member.Name}, which Keyturn does not know.", "");
                }
            }
        }

        private string Text(JsonElement element, string place, string member) =>
            Has(element, member) && element.GetProperty(member) is { ValueKind: JsonValueKind.String } text
                ? text.GetString()!
                : Wrong(place, $"{Capital(place)} has a text {member}.", "");

        private IEnumerable<JsonElement> Array(JsonElement element, string place, string member) =>
            Has(element, member) && element.GetProperty(member) is { ValueKind: JsonValueKind.Array } array
                ? [.. array.EnumerateArray()]
                : Wrong(place, $"{Capital(place)} has an array {member}.", Enumerable.Empty<JsonElement>());

        /// <summary>An array of texts, or one text by itself.</summary>
        private List<T> Texts<T>(JsonElement element, string place, string member, Func<string, T?> read, string what)
            where T : class
        {
            var values = Has(element, member) && element.GetProperty(member) is { ValueKind: JsonValueKind.String } one ? [one] : Array(element, place, member);
            var found = new List<T>();
            foreach (var value in values)
            {
                if (value.ValueKind == JsonValueKind.String && read(value.GetString()!) is { } good)
                {
                    found.Add(good);
                }
                else
                {
                    Wrong(place, $"{Capital(place)}: in {member}, {value.GetRawText()} is not {what}.", "");
                }
            }

            return found.Count > 0 || Violations.Count > 0 ? found : Wrong(place, $"{Capital(place)}: {member} names nothing.", found);
        }

        private T Wrong<T>(string place, string sentence, T value)
        {
            Violations.Add(new Violation(place, sentence));
            return value;
        }

        private static bool Has(JsonElement element, string member) => element.ValueKind == JsonValueKind.Object && element.TryGetProperty(member, out _);

        private static bool IsAction(string text) => text == "*" || (text.Split(':') is [{ Length: > 0 }, { Length: > 0 }, { Length: > 0 }] && !text.Any(char.IsWhiteSpace));

        private static string Capital(string place) => char.ToUpperInvariant(place[0]) + place[1..];
    }
}
