using System.Globalization;
using System.Text.Json.Nodes;
using Keyturn.Rotations;

namespace Keyturn.Cli.Fleet;

/// <summary>Reads fleet files: everything that is wrong with them, at once, before anything is done.</summary>
internal sealed class FleetReader
{
    private readonly List<DeclaredInstance> _instances = [];

    public List<Fault> Faults { get; } = [];

    /// <summary>By all files, in their order.</summary>
    public IReadOnlyList<DeclaredInstance> Instances => _instances;

    /// <param name="file">What it is called in messages.</param>
    /// <param name="folder">What it names files relative to.</param>
    /// <param name="bytes">What is in it.</param>
    public void Read(string file, string folder, ReadOnlySpan<byte> bytes)
    {
        var (documents, fault) = YamlReader.Read(file, bytes);
        if (fault is not null || documents.Count == 0)
        {
            Faults.Add(fault ?? new Fault(new Position(file, 1, 1), "The file is empty: it needs the key instances."));
        }

        var sections = new SectionReader(folder, Faults);
        foreach (var document in documents)
        {
            ReadDocument(document, folder, sections);
        }
    }

    private void ReadDocument(YamlNode document, string folder, SectionReader sections)
    {
        sections.Read(document, "a fleet file", FleetKeys.Document);
        foreach (var node in ItemsOf(document, "instances"))
        {
            var before = Faults.Count;
            var body = sections.Read(node, "an instance", FleetKeys.Instance);
            if (Faults.Count == before)
            {
                Add(Declare(node, folder, body));
            }
        }
    }

    private void Add(DeclaredInstance instance)
    {
        if (_instances.Find(other => other.Name == instance.Name) is { } first)
        {
            Faults.Add(new Fault(instance.At, $"The instance {instance.Name} is at {first.At} too."));
        }

        var places = new Dictionary<AccountKey, Position>();
        foreach (var account in instance.Accounts.Where(account => !places.TryAdd(account.Key, account.At)))
        {
            Faults.Add(new Fault(account.At, $"The account {account.Key} is at {places[account.Key]} too."));
        }

        _instances.Add(instance);
    }

    private DeclaredInstance Declare(YamlNode node, string folder, JsonObject body)
    {
        var name = (string)Take(body, "name")!;
        var accounts = Take(body, "accounts") as JsonArray ?? [];
        var places = ItemsOf(node, "accounts");
        foreach (var host in body["nodes"]!.AsArray().Select(address => (string)address!["host"]!).Where(host => host.Contains("://", StringComparison.Ordinal)))
        {
            Faults.Add(new Fault(node.At, $"{name}: a connection string is no node ({host[..host.IndexOf(':', StringComparison.Ordinal)]}://…): list the nodes that it stands for."));
        }

        var password = TakePassword(node, folder, body["admin"]!.AsObject());
        return new DeclaredInstance(node.At, name, body)
        {
            AdminPassword = password,
            IsDiscovered = Take(body, "discover")?.GetValue<bool>() ?? false,
            Accounts = [.. accounts.Select((account, place) => Declare(places[place].At, account!.AsObject()))],
        };
    }

    private PasswordSource? TakePassword(YamlNode node, string folder, JsonObject admin)
    {
        var (file, variable) = ((string?)Take(admin, "password_file"), (string?)Take(admin, "password_env"));
        if (file is not null && variable is not null)
        {
            Faults.Add(new Fault(node.At, "password_file and password_env say the same: give one of them."));
        }

        return file is null && variable is null ? null : new PasswordSource(file is null ? null : Path.Combine(folder, file), variable);
    }

    private DeclaredAccount Declare(Position at, JsonObject body) => new(
        at,
        AccountKey.Of((string)body["user"]!, (string?)body["host"], (string?)body["auth_database"]),
        (string?)body["proof"],
        body.ContainsKey("every") ? Days(at, (string?)body["every"] ?? "off") : null);

    private int Days(Position at, string text)
    {
        if (text == "off")
        {
            return 0;
        }

        if (text is [.. var digits, 'd'] && int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var days) && days is >= 1 and <= Scheduler.LongestDays)
        {
            return days;
        }

        Faults.Add(new Fault(at, $"every is a number of days, 1d to {Scheduler.LongestDays}d, or off."));
        return 0;
    }

    private static IReadOnlyList<YamlNode> ItemsOf(YamlNode node, string key) =>
        (node as YamlMapping)?.Members.FirstOrDefault(member => member.Key.Text == key)?.Value is YamlSequence list ? list.Items : [];

    private static JsonNode? Take(JsonObject body, string member)
    {
        var value = body[member];
        body.Remove(member);
        return value;
    }
}
