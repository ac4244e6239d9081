using Keyturn.Instances;

namespace Keyturn.Engines.MongoDb;

/// <summary>
/// What a <c>mongodb://</c> or <c>mongodb+srv://</c> address says of an instance: its seeds, whether they speak TLS, and the admin's database.
/// </summary>
/// <remarks>
/// Options that would weaken or replace the instance's own settings are refused with the reason. Those that say how an application is to use the
/// servers (pools, read preference, write concern) are passed over, and so are <c>replicaSet</c> and <c>directConnection</c>, which mongosh writes into
/// each address: the set is found by asking its members, and a server that takes writes is not left for another.
/// </remarks>
internal sealed record ConnectionString
{
    public const int DefaultPort = 27017;

    private const string Plain = "mongodb://";
    private const string Srv = "mongodb+srv://";
    private const int MaxLength = 4096;

    private static readonly Dictionary<string, string> Refused = new(StringComparer.OrdinalIgnoreCase)
    {
        ["tlsCAFile"] = "the CA is a setting of the instance",
        ["tlsCertificateKeyFile"] = "the client certificate is a setting of the instance",
        ["tlsCertificateKeyFilePassword"] = "the client certificate is a setting of the instance, and passwords are not given in addresses",
        ["authMechanismProperties"] = "only SCRAM is spoken",
        ["proxyHost"] = "there is no way through a proxy",
    };

    private static readonly string[] RefusedIfTrue = ["tlsInsecure", "tlsAllowInvalidCertificates", "tlsAllowInvalidHostnames", "loadBalanced"];

    /// <summary>One name to be looked up, instead of addresses.</summary>
    public bool IsSrv { get; private init; }

    /// <summary>Addresses; for SRV the one name, with a port that says nothing.</summary>
    public IReadOnlyList<Node> Hosts { get; init; } = [];

    public string? AuthDatabase { get; init; }

    public bool? Tls { get; private init; }

    public string ServiceName { get; private init; } = "mongodb";

    /// <summary>The parts of <paramref name="text"/>. Failures do not repeat it: it may have a password in it.</summary>
    public static Answer<ConnectionString> Parse(string text)
    {
        var isSrv = text.StartsWith(Srv, StringComparison.OrdinalIgnoreCase);
        if (text.Length > MaxLength || (!isSrv && !text.StartsWith(Plain, StringComparison.OrdinalIgnoreCase)))
        {
            return Invalid("it starts with mongodb:// or mongodb+srv:// and has at most 4096 characters");
        }

        var (rest, query) = Split(text[(isSrv ? Srv.Length : Plain.Length)..], '?');
        var (authority, database) = Split(rest, '/');
        if (authority.Contains('@'))
        {
            return Invalid("a user and password do not belong in it: the admin login and its password are given apart");
        }

        var hosts = authority.Split(',').Select(NodeOf).ToList();
        return hosts.Contains(null) || (isSrv && (hosts.Count != 1 || authority.Contains(':') || hosts[0]!.Host.Split('.').Length < 3))
            ? Invalid(isSrv ? "after mongodb+srv:// comes one name of three labels or more, without a port" : "one of its hosts is no address")
            : new ConnectionString { IsSrv = isSrv, Hosts = hosts!, AuthDatabase = database.Length > 0 ? Uri.UnescapeDataString(database) : null, Tls = isSrv ? true : null }
                .With(query);
    }

    /// <summary>The same with options: those of the string itself, or of a TXT record, which may not overrule them.</summary>
    public Answer<ConnectionString> With(string query)
    {
        var result = this;
        foreach (var (name, value) in query.Split('&', StringSplitOptions.RemoveEmptyEntries).Select(option => Split(option, '=')))
        {
            var applied = result.With(name, Uri.UnescapeDataString(value));
            if (applied.Value is not { } next)
            {
                return applied;
            }

            result = next;
        }

        return Answer.Of(result);
    }

    private Answer<ConnectionString> With(string name, string value) => name.ToUpperInvariant() switch
    {
        _ when Refused.TryGetValue(name, out var why) => Invalid($"its option {name} is refused: {why}"),
        _ when RefusedIfTrue.Contains(name, StringComparer.OrdinalIgnoreCase) => value == "false" ? Answer.Of(this) : Invalid($"its option {name} is refused: servers are verified, and the primary is looked for"),
        "AUTHMECHANISM" when value is not ("DEFAULT" or "SCRAM-SHA-1" or "SCRAM-SHA-256") => Invalid("its option authMechanism is refused: only SCRAM is spoken"),
        "AUTHSOURCE" => value.Length > 0 ? Answer.Of(this with { AuthDatabase = value }) : Invalid("its option authSource is empty"),
        "TLS" or "SSL" => bool.TryParse(value, out var tls) ? Answer.Of(this with { Tls = tls }) : Invalid($"its option {name} is true or false"),
        "SRVSERVICENAME" when IsSrv && value.Length > 0 => Answer.Of(this with { ServiceName = value }),
        _ => Answer.Of(this),
    };

    private static Node? NodeOf(string host)
    {
        var decoded = Uri.UnescapeDataString(host);
        return Path.IsPathRooted(decoded) ? new Node(decoded, DefaultPort)
            : HostAndPort.TryParse(decoded, DefaultPort, out var name, out var port) ? new Node(name, port)
            : null;
    }

    private static (string Before, string After) Split(string text, char mark)
    {
        var at = text.IndexOf(mark, StringComparison.Ordinal);
        return at < 0 ? (text, "") : (text[..at], text[(at + 1)..]);
    }

    internal static Failure Invalid(string why) => new(EngineError.InvalidName, $"The connection string cannot be used: {why}.");
}
